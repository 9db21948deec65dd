import { textOfMessages } from './question-text.ts';
import { joinEarlier, messagesLeanedOn } from '../../core/knowledge/follow-up.ts';
import { withoutCourtesies } from '../../core/knowledge/read-courtesies.ts';
import type { ModelContext } from '../../core/turn/context.ts';
import { type AnswerPart, extractAnswer } from './extract-answer.ts';
import { smallTalkReply } from './small-talk.ts';

export type BuiltinReply = {
  text: string;
  finishReason: 'stop' | 'fallback';
  citations: { index: number; quote: string }[];
};

/** A quote shows where an answer comes from; it is not the passage. */
const maxQuoteCharacters = 500;

/** Said where a bot has no fallback text of its own, or one of blanks alone: a reply is never empty. */
const lastResort = 'I have no answer to that.';

/** The whole reply to a turn: a courtesy, an answer from the passages, or the bot's fallback. */
export const composeReply = (context: ModelContext): BuiltinReply => {
  const question = textOfMessages(context.messages);
  const courtesy = smallTalkReply(question, context);
  if (courtesy !== null) return { text: courtesy, finishReason: 'stop', citations: [] };
  const leanedOn = messagesLeanedOn(question, context.history);
  const earlier = leanedOn.length === 0 ? undefined : joinEarlier(leanedOn.map(({ text }) => text));
  const parts = extractAnswer({ question: withoutCourtesies(question), earlier }, context.passages);
  if (!parts) return { text: fallbackOf(context), finishReason: 'fallback', citations: [] };
  return { text: joinParts(parts, context.inlineCitations), finishReason: 'stop', citations: cite(parts) };
};

const fallbackOf = ({ bot }: ModelContext): string => (bot.fallback.trim() === '' ? lastResort : bot.fallback);

/** Sentences with the mark of their passage behind the last of each; rows of a table and lists have lines of their own. */
const joinParts = (parts: readonly AnswerPart[], marks: boolean): string =>
  parts
    .map((part, at) => {
      const next = parts[at + 1];
      const text = part.text.replaceAll(emptyCells, ' | ');
      const said = marks && next?.index !== part.index ? `${text} [${part.index}]` : text;
      if (!next) return said;
      return said + (isLines(part) || isLines(next) ? '\n' : ' ');
    })
    .join('');

/** Tables are shown to models with every cell, so that columns can be told. */
const emptyCells = / \|(?: +\|)+ /g;

const isLines = ({ text }: AnswerPart): boolean => text.includes(' | ') || text.includes('\n');

/** One citation a passage, the first one first, with what answers best. */
const cite = (parts: readonly AnswerPart[]): BuiltinReply['citations'] =>
  Array.from(
    Map.groupBy(parts, (part) => part.index),
    ([index, own]) => {
      const [best] = own.toSorted((a, b) => a.rank - b.rank);
      return { index, quote: (best?.quote ?? '').slice(0, maxQuoteCharacters) };
    },
  );
