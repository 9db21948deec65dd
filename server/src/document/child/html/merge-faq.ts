import type { DocumentBlock } from '../../../core/knowledge/document-parser.ts';
import { BlockList } from '../block-list.ts';
import type { FaqPair } from './faq-pairs.ts';

/**
 * Puts pairs that a page declares in the place of the headings and paragraphs that say the same, or behind everything
 * where the page does not show them.
 */
export const mergeFaq = (blocks: readonly DocumentBlock[], pairs: readonly FaqPair[]): DocumentBlock[] => {
  if (pairs.length === 0) return [...blocks];
  const shown = new Set(blocks.flatMap((block) => (block.kind === 'question' ? [plain(block.question)] : [])));
  const missing = new Map(pairs.map((pair) => [plain(pair.question), pair]));
  for (const question of shown) missing.delete(question);
  const answers = new Set([...missing.values()].map((pair) => plain(pair.answer)));
  const list = new BlockList();
  const merged: DocumentBlock[] = [];
  const add = (pair: FaqPair, place: Pick<DocumentBlock, 'page' | 'anchor'>): void => {
    list.question(pair.question, pair.answer, place);
    merged.push(...list.blocks.splice(0));
  };
  for (const block of blocks) {
    const text = block.kind === 'heading' || block.kind === 'paragraph' ? plain(block.text) : null;
    const pair = text === null ? undefined : missing.get(text);
    if (pair && text !== null) {
      missing.delete(text);
      add(pair, { page: block.page, anchor: block.anchor });
    } else if (text === null || !answers.has(text)) merged.push(block);
  }
  for (const pair of missing.values()) add(pair, { page: null, anchor: null });
  return merged;
};

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
