import { DocumentError } from '../../core/knowledge/document-error.ts';
import {
  maxAnswerCharacters,
  maxDocumentBlocks,
  maxDocumentCharacters,
  maxHeadingCharacters,
  maxTableCells,
} from '../../core/knowledge/document-limits.ts';
import type { BlockPlace, DocumentBlock } from '../../core/knowledge/document-parser.ts';
import { blockCharacters } from './block-characters.ts';
import { cleanLine } from '../../core/knowledge/clean-line.ts';
import { cleanText } from './clean-text.ts';

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6;

const nowhere: BlockPlace = { page: null, anchor: null };

/** Takes the parts of a document as they are found; cleans them, drops what is empty, and throws `too_much_text`. */
export class BlockList {
  readonly blocks: DocumentBlock[] = [];
  #characters = 0;
  #cells = 0;

  heading(level: number, text: string, place: BlockPlace = nowhere): void {
    const line = cleanLine(text);
    if (line === '') return;
    if (line.length > maxHeadingCharacters) this.#add({ kind: 'paragraph', text: line, ...place });
    else this.#add({ kind: 'heading', level: Math.min(Math.max(level, 1), 6) as HeadingLevel, text: line, ...place });
  }

  paragraph(text: string, place: BlockPlace = nowhere): void {
    const clean = cleanText(text);
    if (clean !== '') this.#add({ kind: 'paragraph', text: clean, ...place });
  }

  question(question: string, answer: string, place: BlockPlace = nowhere): void {
    const asked = cleanLine(question);
    const answered = cleanText(answer);
    if (asked === '' || answered === '') this.paragraph(asked + answered, place);
    else if (asked.length > maxHeadingCharacters || answered.length > maxAnswerCharacters) {
      this.paragraph(`${asked}\n\n${answered}`, place);
    } else this.#add({ kind: 'question', question: asked, answer: answered, ...place });
  }

  /** `header` empty where there is none. Rows without any text are left out, and all are made as wide as the widest. */
  table(header: readonly string[], rows: readonly (readonly string[])[], place: BlockPlace = nowhere): void {
    const filled = rows.map((row) => row.map(cleanLine)).filter((row) => row.some((cell) => cell !== ''));
    const head = header.map(cleanLine);
    const hasHead = head.some((cell) => cell !== '');
    if (filled.length === 0 && !hasHead) return;
    const width = filled.reduce((widest, row) => Math.max(widest, row.length), hasHead ? head.length : 0);
    this.#cells += width * (filled.length + 1);
    if (this.#cells > maxTableCells) throw new DocumentError('too_much_text');
    const widen = (row: string[]): string[] => [...row, ...Array.from({ length: width - row.length }, () => '')];
    this.#add({ kind: 'table', header: hasHead ? widen(head) : [], rows: filled.map(widen), ...place });
  }

  #add(block: DocumentBlock): void {
    this.#characters += blockCharacters(block);
    if (this.#characters > maxDocumentCharacters || this.blocks.length >= maxDocumentBlocks) {
      throw new DocumentError('too_much_text');
    }
    this.blocks.push(block);
  }
}
