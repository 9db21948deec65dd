/** A stretch without a space (Chinese, an address) is cut into pieces of this many characters. */
const maxPieceCharacters = 12;

/** A text in the pieces in which it is streamed, about a word each. Joined they are the text again. */
export const streamPieces = (text: string): string[] =>
  (text.match(/\s*\S+\s*/gu) ?? (text === '' ? [] : [text])).flatMap((word) => cut(word));

const cut = (word: string): string[] => {
  if (word.length <= maxPieceCharacters) return [word];
  const characters = Array.from(word);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += maxPieceCharacters) {
    pieces.push(characters.slice(at, at + maxPieceCharacters).join(''));
  }
  return pieces;
};
