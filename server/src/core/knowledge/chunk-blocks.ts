import { setImmediate } from 'node:timers/promises';
import {
  charactersPerBreath,
  divideParagraph,
  joinPieces,
  packPieces,
  type Passage,
  type Piece,
} from './chunk-text.ts';
import { divideTable } from './divide-table.ts';
import type { BlockPlace, DocumentBlock } from './document-parser.ts';

type PlacedPiece = Piece & { place: BlockPlace };

/** What a block costs beside its text, in characters. */
const shortestBlock = 30;

type OpenHeading = { level: number; text: string };

/**
 * Divides a document into passages: along its headings, whose path stands above each passage; a question with its answer
 * is one each; a table that is too long is divided between rows, with its header above every part. A passage stands where
 * its first block does, and ends with the page on which it begins, so that whoever looks there finds all of it.
 */
export const chunkBlocks = async (blocks: readonly DocumentBlock[]): Promise<Passage[]> => {
  const passages: Passage[] = [];
  let headings: OpenHeading[] = [];
  let pieces: PlacedPiece[] = [];
  const path = (): string[] => headings.map((heading) => heading.text);
  const endSection = (): void => {
    for (const group of packPieces(pieces)) {
      passages.push({ headings: path(), text: joinPieces(group), ...placeOf(group[0]?.place) });
    }
    pieces = [];
  };
  let divided = 0;
  const breathe = async (characters: number): Promise<void> => {
    divided += characters;
    if (divided <= charactersPerBreath) return;
    divided = 0;
    await setImmediate();
  };
  for (const block of blocks) {
    await breathe(shortestBlock);
    if (block.kind === 'heading') {
      endSection();
      headings = [...headings.filter(({ level }) => level < block.level), { level: block.level, text: block.text }];
    } else if (block.kind === 'question') {
      endSection();
      passages.push({ headings: [...path(), block.question], text: block.answer, ...placeOf(block) });
    } else {
      if (pieces[0] && pieces[0].place.page !== block.page) endSection();
      // one by one: more than a call takes as its arguments
      for (const piece of toPieces(block)) {
        pieces.push(piece);
        await breathe(piece.text.length);
      }
    }
  }
  endSection();
  return passages.length > 0 ? passages : headingsAlone(blocks);
};

type TextBlock = Exclude<DocumentBlock, { kind: 'heading' | 'question' }>;

const toPieces = function* (block: TextBlock): Generator<PlacedPiece> {
  const place = placeOf(block);
  const pieces = block.kind === 'table' ? divideTable(block) : divideParagraph(block.text);
  for (const piece of pieces) yield { ...piece, place };
};

const placeOf = (block: BlockPlace | undefined): BlockPlace => ({
  page: block?.page ?? null,
  anchor: block?.anchor ?? null,
});

/** Slides and covers may hold nothing else. */
const headingsAlone = (blocks: readonly DocumentBlock[]): Passage[] => {
  const pieces = blocks.flatMap((block) =>
    block.kind === 'heading'
      ? [...divideParagraph(block.text)].map((piece) => ({ ...piece, place: placeOf(block) }))
      : [],
  );
  return packPieces(pieces).map((group) => ({ headings: [], text: joinPieces(group), ...placeOf(group[0]?.place) }));
};
