import { foldText } from '../../core/knowledge/fold-text.ts';
import { splitWords } from '../../core/knowledge/split-words.ts';
import { courtesies, type Courtesies } from './courtesies.ts';

const plain = (text: string): string =>
  splitWords(text)
    .map((word) => foldText(word.text))
    .join(' ');

type Phrase = { of: Courtesies; kind: 'greetingReply' | 'thanksReply' };

/** What each phrase is, and in which language; the first language that has it. */
const phrases = new Map<string, Phrase>();
for (const of of courtesies.toReversed()) {
  for (const greeting of of.greetings) phrases.set(plain(greeting), { of, kind: 'greetingReply' });
  for (const phrase of of.thanks) phrases.set(plain(phrase), { of, kind: 'thanksReply' });
}

/** A longer message is no mere courtesy. */
const maxCourtesyCharacters = 60;

/**
 * What is said back to a message that is a greeting or thanks and nothing else; null for others. In the language of the
 * bot where it has one that is known here, else in that of the message.
 */
export const smallTalkReply = (message: string, bot: { name: string; language: string }): string | null => {
  if (message.length > maxCourtesyCharacters + bot.name.length) return null;
  const said = plain(message);
  const name = plain(bot.name);
  const withoutName = name !== '' && said.endsWith(` ${name}`) ? said.slice(0, -name.length - 1) : said;
  const phrase = phrases.get(withoutName);
  if (!phrase) return null;
  const [language = ''] = bot.language.toLowerCase().split('-');
  return (courtesies.find((each) => each.language === language) ?? phrase.of)[phrase.kind];
};
