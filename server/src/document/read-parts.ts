import { cleanLine, cleanTitle } from '../core/knowledge/clean-line.ts';
import {
  maxAnswerCharacters,
  maxDocumentLinks,
  maxHeadingCharacters,
  maxWarningCharacters,
  maxWarnings,
} from '../core/knowledge/document-limits.ts';
import type { BlockPlace, DocumentBlock } from '../core/knowledge/document-parser.ts';
import type { DocumentHead } from './exchange.ts';

/** The parts of an answer, checked and copied field by field. They throw where something is not as it should be. */

export const readBlocks = (blocks: unknown): DocumentBlock[] => {
  if (!Array.isArray(blocks)) throw new Error('blocks that are no list');
  return blocks.map((block) => readBlock(asObject(block)));
};

const readBlock = (block: Record<string, unknown>): DocumentBlock => {
  const place: BlockPlace = { page: numberOrNull(block['page']), anchor: textOrNull(block['anchor']) };
  switch (block['kind']) {
    case 'heading':
      return { kind: 'heading', level: readLevel(block['level']), text: asHeading(block['text']), ...place };
    case 'paragraph':
      return { kind: 'paragraph', text: asText(block['text']), ...place };
    case 'table':
      return { kind: 'table', header: asTexts(block['header']), rows: asList(block['rows']).map(asTexts), ...place };
    case 'question':
      return { kind: 'question', question: asHeading(block['question']), answer: asAnswer(block['answer']), ...place };
    default:
      throw new Error('a block of a kind that nobody knows');
  }
};

export const readHead = (value: unknown): DocumentHead => {
  const head = asObject(value);
  return {
    title: cleanTitle(textOrNull(head['title']) ?? ''),
    language: textOrNull(head['language']),
    pageCount: numberOrNull(head['pageCount']),
    links: asTexts(head['links']).filter(isWebUrl).slice(0, maxDocumentLinks),
    canonicalUrl: asTexts([head['canonicalUrl'] ?? '']).find(isWebUrl) ?? null,
    noIndex: head['noIndex'] === true,
    noFollow: head['noFollow'] === true,
    warnings: asTexts(head['warnings'])
      .slice(0, maxWarnings)
      .map((warning) => warning.slice(0, maxWarningCharacters).toWellFormed()),
  };
};

const isWebUrl = (url: string): boolean => /^https?:\/\//.test(url) && URL.canParse(url);

const readLevel = (level: unknown): 1 | 2 | 3 | 4 | 5 | 6 => {
  if (level === 1 || level === 2 || level === 3 || level === 4 || level === 5 || level === 6) return level;
  throw new Error('a heading of no level');
};

const asObject = (value: unknown): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) throw new Error('no object where one should be');
  return value as Record<string, unknown>;
};

const asText = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('no text where one should be');
  return value.toWellFormed();
};

const asHeading = (value: unknown): string => cleanLine(withinLimit(asText(value), maxHeadingCharacters));
const asAnswer = (value: unknown): string => withinLimit(asText(value), maxAnswerCharacters);

const withinLimit = (text: string, maxCharacters: number): string => {
  if (text.length > maxCharacters) throw new Error('a text that is longer than it may be');
  return text;
};

const asList = (value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new Error('no list where one should be');
  return value;
};

const asTexts = (value: unknown): string[] => asList(value).map(asText);

const textOrNull = (value: unknown): string | null => (value === null ? null : asText(value));

const numberOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
