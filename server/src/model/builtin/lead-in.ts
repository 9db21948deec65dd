import type { PooledSentence } from './sentence-pool.ts';
import { stepsAt } from './step-positions.ts';

const colon = /[:：]$/;
const ended = /[.!?…。！？]["'”’)]*$/;

/**
 * Where in its passage ends what a sentence leads to, as the items of a list to "You can pay by:". Its own position where
 * it says what it says by itself; -1 where what it leads to is not in the passage, as where a passage ends behind it.
 */
export const endOfLeadIn = (sentences: readonly PooledSentence[], position: number): number => {
  const sentence = sentences[position];
  const next = sentences[position + 1];
  if (!sentence || !leadsOn(sentence, next)) return position;
  if (!next) return -1;
  // the rows of a table are chosen one by one
  if (next.isRow) return position;
  if (!next.isItem) return position + 1;
  let last = stepsAt(sentences, position + 1)?.last ?? position + 1;
  for (let following = sentences[last + 1]; following && belongsToList(following); following = sentences[last + 1])
    last++;
  return last;
};

export const leadsOn = (sentence: PooledSentence, next: PooledSentence | undefined): boolean =>
  colon.test(sentence.text) || (!sentence.isItem && next?.isItem === true && !ended.test(sentence.text));

/** An item, or a further sentence of one. */
const belongsToList = ({ isItem, startsLine }: PooledSentence): boolean => isItem || !startsLine;
