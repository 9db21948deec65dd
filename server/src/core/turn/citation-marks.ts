/**
 * Marks by which models say what a statement rests on, one or a list of them: `[1]`, `[1, 2]`, `[1], [2] and [3]`,
 * `([1])`, `[source 1]`, `[1†source]`, `【1】`. What is a mark is decided by its form, and not by its number.
 */
export type CitationMarks = {
  /** As they are named; `NaN` for what names nothing that we have numbered. */
  numbers: number[];
  /** Blanks before them, and behind. */
  before: string;
  after: string;
  /** The sign behind them that ends or goes on with what they stand by, with the blanks behind it; empty where there is none. */
  sign: string;
  behind: string;
  /** The first place behind all that. */
  end: number;
};

/** Inside the brackets. `4:0` is how some models number what they have searched. */
const inside =
  /^ ?(?:(?:sources?|passages?|documents?|docs?)[ :#]{1,2})?(\d{1,2}(?::\d{1,2})?(?: ?[,;] ?\d{1,2}(?::\d{1,2})?){0,15}) ?(?:†.{0,40})?$/i;
const maxMarkCharacters = 120;
/** What a mark that is not yet whole can hold. */
const unfinishedInside = /^[a-z\d ,;:#]*(?:†.*)?$/i;
/** Between marks that are listed, with "and" or "or" in the languages that models write most. */
const between =
  /[ \t]{0,4}(?:[,;&、][ \t]{0,4})?(?:(?:and|or|und|oder|et|ou|y|o|e|и|или|та|і|ve|en|och|og|i|و|和|と)[ \t]{1,4})?/iuy;
const unfinishedBetween = /^[ \t]{0,4}(?:[,;&、][ \t]{0,4})?\p{L}{0,4}[ \t]{0,4}$/u;
const maxListed = 16;
const maxBlanks = 8;
const closings: Readonly<Record<string, string>> = { '[': ']', '【': '】' };

type Mark = { numbers: number[]; end: number };

/**
 * The marks that begin at a place, or at the blanks there; null where there are none, `unfinished` where the text ends
 * before that is known. `whole`: nothing follows the text.
 */
export const readCitationMarks = (text: string, start: number, whole: boolean): CitationMarks | 'unfinished' | null => {
  const unfinished = whole ? null : 'unfinished';
  const before = blanksAt(text, start);
  let at = start + before.length;
  const inParentheses = text[at] === '(';
  if (inParentheses) at += 1 + blanksAt(text, at + 1).length;
  if (at === text.length) return unfinished;
  const listed = readList(text, at, whole);
  if (listed === null || listed === 'unfinished') return listed;
  at = listed.end;
  if (inParentheses) {
    at += blanksAt(text, at).length;
    if (at === text.length) return unfinished;
    if (text[at] !== ')') return null;
    at += 1;
  }
  const after = blanksAt(text, at);
  at += after.length;
  const sign = /[.,;:]/.test(text[at] ?? '') ? (text[at] ?? '') : '';
  at += sign.length;
  const behind = sign === '' ? '' : blanksAt(text, at);
  at += behind.length;
  if (at === text.length && !whole) return 'unfinished';
  return { numbers: listed.numbers, before, after, sign, behind, end: at };
};

const readList = (text: string, start: number, whole: boolean): Mark | 'unfinished' | null => {
  const first = readMark(text, start, whole);
  if (first === null || first === 'unfinished') return first;
  const numbers = [...first.numbers];
  let { end } = first;
  for (let listed = 1; listed < maxListed; listed++) {
    between.lastIndex = end;
    const next = readMark(text, end + (between.exec(text)?.[0].length ?? 0), whole);
    if (next === 'unfinished') return next;
    if (next === null) {
      return !whole && unfinishedBetween.test(text.slice(end)) ? 'unfinished' : { numbers, end };
    }
    numbers.push(...next.numbers);
    ({ end } = next);
  }
  return { numbers, end };
};

const readMark = (text: string, start: number, whole: boolean): Mark | 'unfinished' | null => {
  const closing = closings[text[start] ?? ''];
  if (closing === undefined) return null;
  const rest = text.slice(start + 1, start + maxMarkCharacters);
  const length = rest.indexOf(closing);
  if (length < 0) {
    const mayGoOn = !whole && start + maxMarkCharacters > text.length && unfinishedInside.test(rest);
    return mayGoOn ? 'unfinished' : null;
  }
  const list = inside.exec(rest.slice(0, length))?.[1];
  if (list === undefined) return null;
  const end = start + length + 2;
  if (closing === ']') {
    // with an address behind it, it is a link
    if (text[end] === '(') return null;
    if (end === text.length && !whole) return 'unfinished';
  }
  return { numbers: list.split(/[,;]/).map(Number), end };
};

const blanksAt = (text: string, start: number): string => {
  let end = start;
  while (end - start < maxBlanks && (text[end] === ' ' || text[end] === '\t')) end++;
  return text.slice(start, end);
};
