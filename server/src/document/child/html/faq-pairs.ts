import type { DomDocument } from './dom.ts';
import { markupToText } from './markup-to-text.ts';

export type FaqPair = { question: string; answer: string };

const maxPairs = 2_000;
const maxDepth = 8;

/** Questions and answers that a page hands to search engines: FAQPage of schema.org in JSON-LD. */
export const faqPairs = (document: DomDocument): FaqPair[] => {
  const pairs: FaqPair[] = [];
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      collect(JSON.parse(script.textContent ?? ''), pairs, 0);
    } catch {
      // what is no JSON says nothing
    }
  }
  return pairs;
};

const collect = (value: unknown, pairs: FaqPair[], depth: number): void => {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, pairs, depth + 1);
    return;
  }
  const { '@type': type, '@graph': graph, mainEntity, name, acceptedAnswer } = value as Record<string, unknown>;
  if (hasType(type, 'Question') && pairs.length < maxPairs) {
    const question = asText(name);
    const answer = asText(textOf(acceptedAnswer));
    if (question !== '' && answer !== '') pairs.push({ question, answer });
  }
  collect(graph, pairs, depth + 1);
  if (hasType(type, 'FAQPage')) collect(mainEntity, pairs, depth + 1);
};

const hasType = (type: unknown, name: string): boolean =>
  type === name || (Array.isArray(type) && type.includes(name)) || type === `https://schema.org/${name}`;

const textOf = (answer: unknown): unknown => {
  const first: unknown = Array.isArray(answer) ? answer[0] : answer;
  return typeof first === 'object' && first !== null ? (first as Record<string, unknown>)['text'] : first;
};

const asText = (value: unknown): string => (typeof value === 'string' ? markupToText(value) : '');
