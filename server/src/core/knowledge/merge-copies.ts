import type { Chunk } from './source.ts';

/**
 * Two passages are copies where their texts are the same under the same headings, one of which may be the question that is
 * answered. White space does not count, nor does the title of the source: a page may have been added under several.
 */
export const isCopy = (one: Chunk, other: Chunk): boolean =>
  edgesOf(one) === edgesOf(other) && wordsOf(one) === wordsOf(other);

/** The first of each, with the ids of its copies behind it. */
export const mergeCopies = <Passage extends { chunk: Chunk }>(
  passages: readonly Passage[],
): { passage: Passage; copies: string[] }[] => {
  const merged: { passage: Passage; copies: string[] }[] = [];
  const alike = new Map<string, typeof merged>();
  for (const passage of passages) {
    const edges = edgesOf(passage.chunk);
    const known = alike.get(edges) ?? [];
    const original = known.find((candidate) => wordsOf(candidate.passage.chunk) === wordsOf(passage.chunk));
    if (original) {
      original.copies.push(passage.chunk.id);
      continue;
    }
    const first = { passage, copies: [] };
    merged.push(first);
    alike.set(edges, [...known, first]);
  }
  return merged;
};

/** Enough to tell most passages apart, and to find as many letters in. */
const edgeCharacters = 32;
const readCharacters = 128;

/** The letters with which it begins and ends: most have others, and then nothing else of them is read. */
const edgesOf = ({ text }: Chunk): string => {
  const begin = text.slice(0, readCharacters).replaceAll(/\s+/g, '').slice(0, edgeCharacters);
  return `${begin} ${text.slice(-readCharacters).replaceAll(/\s+/g, '').slice(-edgeCharacters)}`;
};

const words = new WeakMap<Chunk, string>();

const wordsOf = (chunk: Chunk): string => {
  let known = words.get(chunk);
  if (known === undefined) {
    known = [...chunk.headings, chunk.text].map((part) => part.replaceAll(/\s+/g, ' ').trim()).join('\n');
    words.set(chunk, known);
  }
  return known;
};
