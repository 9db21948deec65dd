import { setImmediate } from 'node:timers/promises';
import { placeToCut } from '../../kit/place-to-cut.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { cleanLine } from './clean-line.ts';
import type { SourceContent } from './source.ts';
import { splitBlocks } from './split-blocks.ts';
import { sentencesOf } from './split-sentences.ts';

/** A passage before it has a place in the store. */
export type Passage = {
  headings: string[];
  text: string;
  /** Of a document, from 1. */
  page?: number | null;
  /** Leads to it within a web page, without `#`. */
  anchor?: string | null;
};

/** The size aimed at: large enough to answer from, small enough that several fit a prompt. */
export const targetTokens = 250;
/** A text, a section or a paragraph up to this size stays whole. */
export const maxTokens = 420;
/** A smaller rest joins the passage before it, if they are of one section. */
const minTokens = 40;
/** Characters that are divided in one go, about 5 ms, before turns get their share of the processor again. */
export const charactersPerBreath = 30_000;
/** A sentence without an end is cut at this many characters, at a space where there is one. */
const maxSentenceCharacters = 1_200;

/**
 * Divides a source into passages: a question with its answer is one each; a text is divided along its headings, then
 * its paragraphs, and where a paragraph is too long, its sentences.
 */
export const chunkContent = async (content: Extract<SourceContent, { type: 'text' | 'faq' }>): Promise<Passage[]> => {
  switch (content.type) {
    case 'faq':
      return content.items.map(({ question, answer }) => ({ headings: [cleanLine(question)], text: answer.trim() }));
    case 'text':
      return chunkText(content.text);
  }
};

export const chunkText = async (text: string): Promise<Passage[]> => {
  const passages: Passage[] = [];
  let divided = 0;
  for (const section of splitBlocks(text)) {
    const pieces: Piece[] = [];
    for (const paragraph of section.paragraphs) {
      // one by one: more than a call takes as its arguments
      for (const piece of divideParagraph(paragraph)) {
        pieces.push(piece);
        divided += piece.text.length;
        if (divided < charactersPerBreath) continue;
        divided = 0;
        await setImmediate();
      }
    }
    for (const group of packPieces(pieces)) passages.push({ headings: section.headings, text: joinPieces(group) });
  }
  return passages;
};

/** A part of a passage, with what stands between it and the one before. */
export type Piece = { text: string; tokens: number; glue: string };

/** A paragraph this long is no passage, whatever its characters are worth. */
const surelyTooLong = 50 * maxTokens;

/** A paragraph as one piece, or, where it is too long for a passage, as its sentences, found one by one. */
export const divideParagraph = function* (paragraph: string): Generator<Piece> {
  const tokens = paragraph.length > surelyTooLong ? Infinity : estimateTokens(paragraph);
  if (tokens <= maxTokens) {
    yield { text: paragraph, tokens, glue: '\n\n' };
    return;
  }
  let end = 0;
  for (const sentence of sentencesOf(paragraph)) {
    const glue = end === 0 ? '\n\n' : paragraph.slice(end, sentence.start).includes('\n') ? '\n' : ' ';
    end = sentence.end;
    let isFirst = true;
    for (const text of cutLong(sentence.text)) {
      yield { text, tokens: estimateTokens(text), glue: isFirst ? glue : ' ' };
      isFirst = false;
    }
  }
};

const cutLong = function* (sentence: string): Generator<string> {
  let rest = sentence;
  while (rest.length > maxSentenceCharacters) {
    const cut = placeToCut(rest, maxSentenceCharacters);
    yield rest.slice(0, cut).trim();
    rest = rest.slice(cut).trimStart();
  }
  if (rest !== '') yield rest;
};

/** Groups neighbours up to the target size; all of them are one group where they fit. */
export const packPieces = <Part extends Piece>(pieces: readonly Part[]): Part[][] => {
  const whole = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
  if (whole <= maxTokens) return pieces.length === 0 ? [] : [[...pieces]];
  const groups: { pieces: Part[]; tokens: number }[] = [];
  for (const piece of pieces) {
    const last = groups.at(-1);
    if (last && last.tokens + piece.tokens <= targetTokens) {
      last.pieces.push(piece);
      last.tokens += piece.tokens;
    } else groups.push({ pieces: [piece], tokens: piece.tokens });
  }
  const rest = groups.at(-1);
  const before = groups.at(-2);
  if (rest && before && rest.tokens < minTokens) {
    before.pieces.push(...rest.pieces);
    groups.pop();
  }
  return groups.map((group) => group.pieces);
};

export const joinPieces = (pieces: readonly Piece[]): string =>
  pieces.map((piece, at) => (at === 0 ? piece.text : piece.glue + piece.text)).join('');
