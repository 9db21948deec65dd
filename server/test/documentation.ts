import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The project's pages, taken apart as far as tests hold them to the program. */

export const projectRoot = join(import.meta.dirname, '../..');

export type Page = {
  /** From the root of the project. */
  path: string;
  text: string;
};

/** A block between fences, with what stands behind the first fence. */
export type Block = { language: string; text: string };

const pagesIn = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => posix.join(folder, name));

export const readPages = (): Page[] =>
  [...pagesIn('.'), ...pagesIn('docs')].map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));

const fence = /^```(?<language>\w*)\n(?<text>.*?)^```$/gms;

export const blocksOf = ({ text }: Page): Block[] =>
  [...text.matchAll(fence)].map(({ groups }) => ({
    language: groups?.['language'] ?? '',
    text: groups?.['text'] ?? '',
  }));

/** Everything that is set as code: blocks, and spans between backticks. */
export const codeOf = (page: Page): string[] => [
  ...blocksOf(page).map((block) => block.text),
  ...[...page.text.replaceAll(fence, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? ''),
];

/** Files that a page links to, from the root of the project; with the heading's anchor, or an empty one. */
export const linksOf = ({ path, text }: Page): { file: string; anchor: string }[] =>
  [...text.replaceAll(fence, '').matchAll(/\]\((?!\w+:)(?<file>[^)#\s]*)(?:#(?<anchor>[^)\s]*))?\)/g)].map(
    ({ groups }) => ({
      file: groups?.['file'] ? posix.join(posix.dirname(path), groups['file']) : path,
      anchor: groups?.['anchor'] ?? '',
    }),
  );

/** Headings as GitHub turns them into anchors. */
export const anchorsOf = ({ text }: Page): string[] =>
  [...text.replaceAll(fence, '').matchAll(/^#+ (?<title>.*)$/gm)].map(({ groups }) =>
    (groups?.['title'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
