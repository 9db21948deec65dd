import { cleanLine } from './clean-line.ts';

/** A part of a text under one heading. */
export type Section = {
  /** Outermost first. */
  headings: string[];
  paragraphs: string[];
};

/** Deeper headings are text: nobody tells seven levels apart. */
const hashHeading = /^ {0,3}(#{1,6})[ \t](.+)$/;
const underline = /^ {0,3}(=+|-{3,})[ \t]*$/;
const maxHeadingCharacters = 200;
/** A longer line is no heading. */
const maxHeadingLine = 400;

/**
 * Divides a text at Markdown headings (`# …`, or underlined with = or -) and empty lines. Plain text has none of the
 * former and comes out as one section.
 */
export const splitBlocks = (text: string): Section[] => {
  const sections: Section[] = [{ headings: [], paragraphs: [] }];
  let open: string[] = [];
  const endParagraph = (): void => {
    const paragraph = open.join('\n').trim();
    if (paragraph !== '') sections.at(-1)?.paragraphs.push(paragraph);
    open = [];
  };
  const startSection = (level: number, heading: string): void => {
    endParagraph();
    const above = (sections.at(-1)?.headings ?? []).slice(0, level - 1);
    sections.push({ headings: [...above, cleanLine(heading.slice(0, maxHeadingCharacters))], paragraphs: [] });
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const hash = line.length <= maxHeadingLine ? hashHeading.exec(line) : null;
    const title = open.length === 1 ? open[0] : undefined;
    if (hash) startSection(hash[1]?.length ?? 1, withoutClosing(hash[2] ?? ''));
    else if (title !== undefined && title.length <= maxHeadingCharacters && underline.test(line)) {
      open = [];
      startSection(line.trimStart().startsWith('=') ? 1 : 2, title.trim());
    } else if (line.trim() === '') endParagraph();
    else open.push(line);
  }
  endParagraph();
  return sections.filter((section) => section.paragraphs.length > 0);
};

/** `## Delivery ##` is closed as it was opened. From its end, since a pattern would look for it at every place. */
const withoutClosing = (line: string): string => {
  const heading = line.trim();
  let end = line.length;
  while (line[end - 1] === '#') end--;
  return line.slice(0, end).trim() || heading.slice(0, 1);
};
