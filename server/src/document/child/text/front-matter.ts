/** Lines between two of these, at the very start, are for the program that renders the text. */
const fence = /^(?:---|\+\+\+)[ \t]*$/;
const maxFrontMatterLines = 200;

export type FrontMatter = { body: string; title: string | null; language: string | null };

/** The text without its front matter, of which only `title` and `lang` or `language` are read, as plain values. */
export const readFrontMatter = (text: string): FrontMatter => {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  const none = { body: text, title: null, language: null };
  if (!fence.test(lines[0] ?? '')) return none;
  const end = lines.slice(1, maxFrontMatterLines).findIndex((line) => line.trimEnd() === lines[0]?.trimEnd());
  if (end < 0) return none;
  const matter = lines.slice(1, end + 1);
  if (!matter.some((line) => /^[\w-]+\s*[:=]/.test(line))) return none;
  const language = valueOf(matter, /^(?:lang|language)$/i);
  return {
    body: lines.slice(end + 2).join('\n'),
    title: valueOf(matter, /^title$/i),
    language: language !== null && /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language) ? language : null,
  };
};

const valueOf = (lines: readonly string[], name: RegExp): string | null => {
  for (const line of lines) {
    const [, key = '', value = ''] = /^([\w-]+)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    if (name.test(key)) return value.trim().replace(/^(["'])(.*)\1$/, '$2') || null;
  }
  return null;
};
