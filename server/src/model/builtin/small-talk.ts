import { languageOf } from '../../core/knowledge/analyse-text.ts';
import { type Courtesy, type CourtesyKind, readCourtesies } from '../../core/knowledge/read-courtesies.ts';
import { splitWords } from '../../core/knowledge/split-words.ts';
import type { ModelContext } from '../../core/turn/context.ts';
import { type CourtesyReplies, courtesyReplies } from './courtesy-replies.ts';

/**
 * What is said back to a message that is made of courtesies and nothing else ("Great, thank you, bye"); null for others. In
 * the language of the bot where it has one that is known here, else in that of the message; where several say it the same
 * way ("ok"), in that of what was said before.
 */
export const smallTalkReply = (
  message: string,
  { bot, history }: Pick<ModelContext, 'bot' | 'history'>,
): string | null => {
  const phrases = courtesiesOf(message, bot.name);
  if (phrases.length === 0) return null;
  const [own = ''] = bot.language.toLowerCase().split('-');
  const language = courtesyReplies.has(own) ? own : spokenIn(phrases, history);
  const replies = courtesyReplies.get(language);
  if (!replies) return null;
  const said = phrases.map((phrase) => (phrase.find((each) => each.language === language) ?? phrase[0])?.kind);
  return replyTo(new Set(said), replies);
};

/** None where a message says something else too; that it names the bot is nothing else. */
const courtesiesOf = (message: string, name: string): readonly (readonly Courtesy[])[] => {
  const { rest, phrases } = readCourtesies(message);
  if (rest === '') return phrases;
  const at = name === '' ? -1 : message.toLowerCase().indexOf(name.toLowerCase());
  if (at === -1) return [];
  const nameless = readCourtesies(`${message.slice(0, at)}, ${message.slice(at + name.length)}`);
  return nameless.rest === '' ? nameless.phrases : [];
};

/** The language that most of the phrases are of. */
const spokenIn = (phrases: readonly (readonly Courtesy[])[], history: ModelContext['history']): string => {
  const counts = new Map<string, number>();
  for (const phrase of phrases) {
    for (const language of new Set(phrase.map((each) => each.language))) {
      counts.set(language, (counts.get(language) ?? 0) + 1);
    }
  }
  const most = Math.max(...counts.values());
  const likely = [...counts].filter(([, count]) => count === most).map(([language]) => language);
  if (likely.length === 1) return likely[0] ?? '';
  const before = languageOf(splitWords(history.map(({ text }) => text).join('\n')))?.language ?? '';
  return (likely.includes(before) ? before : likely[0]) ?? '';
};

const replyTo = (said: ReadonlySet<CourtesyKind | undefined>, replies: CourtesyReplies): string => {
  const thanks = said.has('thanks') ? [replies.thanks] : [];
  if (said.has('goodbyes')) return [...thanks, replies.goodbye].join(' ');
  if (thanks.length > 0) return replies.thanks;
  return said.has('greetings') || said.has('openings') ? replies.greeting : replies.answer;
};
