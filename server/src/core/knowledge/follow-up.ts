import { analyseQuery } from './analyse-query.ts';
import { foldText } from './fold-text.ts';
import { isOnlyCourtesy, withoutCourtesies } from './read-courtesies.ts';
import { splitWords } from './split-words.ts';

/** A longer message says by itself what it is about. */
const maxCharacters = 120;
/** With fewer words that tell something a message leans on what was said before; pairs of characters count as half. */
const fewWords = 2;
/** And with so many, where it begins or speaks like one that does. */
const someWords = 4;
/** Of what the user said before: one message, and further ones as long as each leans on its predecessor. */
const maxEarlier = 3;
const maxEarlierCharacters = 600;

/** "And", "or", "but" and "then": folded, as messages begin that go on from the last one. */
const linkingWords = new Set(
  `and or but also then und oder aber auch dann sowie y e o u pero entonces tambien et ou mais alors aussi donc ma
  anche allora se mas entao tambem of maar ook dan och eller ocksa og eller sau si dar dakle ali i albo ale lub czy tez
  nebo tak и а или но тогда та або але και η αλλα τοτε ve veya peki ya ama و او ثم لكن वा और या लेकिन तो va lekin და ან მაგრამ va hoac   dan atau tapi lakini vagy ja tai mutta`.split(
    /\s+/,
  ),
);

/** Words that stand for something named before. Folded; none that is a common word of another language. */
const standInWords = new Set(
  `it its they them their theirs that this these those one ones he she his her there ihn ihm ihnen deren davon dafur damit dazu
  diese dieser dieses jene eso esa ese esto ellos ellas cela ca celui celle ceux elles il leur questo
  questa quello quella loro isso isto esse essa ele ela eles elas het deze dit zij detta denna han hon они
  он она оно это этот эта его ее их им вин вона воно це αυτο αυτη αυτος αυτα bu su onlar bunu onu هذا هذه ذلك هو هي هم यह वह ये वे ეს ის
  nay ini itu mereka ona`.split(/\s+/),
);

/** The same in scripts without spaces: at the beginning, and anywhere. */
const linkingBeginning =
  /^(?:那(?!个)么?|还有|然后|而|和|或者|但是|それで|では|じゃあ|それから|あと|그럼|그리고|그러면|แล้ว|และ|หรือ)/u;
const standInPart = /[它他她]们?|这个?|那个?|其中|それ|これ|あれ|その|그것|이것|그건|มัน|นี้|นั้น/u;

/**
 * True where a message seems to go on from what was said before ("and in blue?"), by signs that many languages share: it
 * is short, and says little by itself or says so.
 */
export const isFollowUp = (message: string): boolean => {
  if (message.length > maxCharacters) return false;
  const telling = tellingWords(message);
  return telling <= fewWords || (telling <= someWords && goesOn(message));
};

/** True where a message begins with a linking word, or has a word that stands for something else. */
export const goesOn = (message: string): boolean => {
  const words = splitWords(message).map((word) => foldText(word.text));
  return linkingWords.has(words[0] ?? '') || linkingBeginning.test(message.trim()) || speaksOfEarlier(message);
};

/** True where a message has a word that stands for something named before; in a linking word none is meant. */
export const speaksOfEarlier = (message: string): boolean =>
  splitWords(message).some((word) => standInWords.has(foldText(word.text))) ||
  standInPart.test(message.trim().replace(linkingBeginning, ''));

const tellingWords = (message: string): number =>
  analyseQuery(message).reduce((sum, { stop, fragment }) => sum + (stop ? 0 : fragment ? 0.5 : 1), 0);

/**
 * The user's messages that a question is to be searched with, oldest first; none where it stands for itself. `history` is
 * what was said before, oldest first; thanks between two questions are passed over.
 */
export const messagesLeanedOn = <Said extends { role: string; text: string }>(
  question: string,
  history: readonly Said[],
): Said[] => {
  const found: Said[] = [];
  let characters = 0;
  let leaning = withoutCourtesies(question);
  for (const message of history.toReversed()) {
    if (message.role !== 'user' || isOnlyCourtesy(message.text)) continue;
    if (found.length === maxEarlier || !isFollowUp(leaning)) break;
    characters += message.text.length;
    if (found.length > 0 && characters > maxEarlierCharacters) break;
    found.unshift(message);
    leaning = withoutCourtesies(message.text);
  }
  return found;
};

/** What the earlier messages weigh beside the words of the message itself. */
export const earlierWeight = 0.5;

/** A part of a long earlier message is enough to know what it was about. */
export const joinEarlier = (messages: readonly string[]): string =>
  messages.map((text) => withoutCourtesies(text).slice(0, maxEarlierCharacters)).join('\n');
