const unspaced = /[\u3040-\u30ff\u3400-\u9fff]/g;

/** Lower case, without punctuation and symbols, single spaces. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\p{P}\p{S}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** True where a reply holds one of the answers as whole words; in scripts without spaces, as a run of characters. */
export const holdsAnswer = (reply: string, answers: readonly string[]): boolean => {
  const said = plain(reply);
  return answers.some((answer) => {
    const wanted = plain(answer);
    if (wanted === '') return false;
    return wanted.search(unspaced) < 0 ? ` ${said} `.includes(` ${wanted} `) : said.includes(wanted);
  });
};

/** Words between spaces; two characters of a script without spaces count as one. */
export const countWords = (reply: string): number => {
  const spaced = reply.replace(unspaced, ' ').match(/\S+/g)?.length ?? 0;
  return spaced + Math.ceil((reply.match(unspaced)?.length ?? 0) / 2);
};
