import type { ParsedDocument } from '../../../core/knowledge/document-parser.ts';
import { BlockList } from '../block-list.ts';
import { emptyHead } from '../empty-head.ts';
import { decodeText } from './decode-text.ts';

/** Paragraphs between empty lines; their lines are kept, since they may be a poem, an address or a list. */
export const parsePlainText = (bytes: Uint8Array, charset: string | null): ParsedDocument => {
  const list = new BlockList();
  const text = decodeText(bytes, charset).replaceAll(/\r\n?/g, '\n');
  for (const paragraph of text.split(/\n[^\S\n]*\n/)) list.paragraph(paragraph);
  return { ...emptyHead, blocks: list.blocks };
};
