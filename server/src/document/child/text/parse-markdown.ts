import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { cleanTitle } from '../../../core/knowledge/clean-line.ts';
import type { ParsedDocument } from '../../../core/knowledge/document-parser.ts';
import { BlockList } from '../block-list.ts';
import { emptyHead } from '../empty-head.ts';
import { decodeText } from './decode-text.ts';
import { readFrontMatter } from './front-matter.ts';
import { MarkdownReader } from './markdown-reader.ts';

/** Markdown with tables, and with front matter, whose title and language are taken. */
export const parseMarkdown = (bytes: Uint8Array, charset: string | null): ParsedDocument => {
  const { body, title, language } = readFrontMatter(decodeText(bytes, charset));
  const tree = fromMarkdown(body, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  const list = new BlockList();
  new MarkdownReader(list).read(tree);
  const first = list.blocks.find((block) => block.kind === 'heading');
  const heading = first?.kind === 'heading' && first.level === 1 ? first.text : null;
  return { ...emptyHead, title: cleanTitle(title ?? '') ?? heading, language, blocks: list.blocks };
};
