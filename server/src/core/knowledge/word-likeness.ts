/** Shorter words are alike by chance. */
const minCharacters = 4;
/** Beginnings that are shared: so many letters, and this part of the longer word. */
const minBeginning = 4;
const minBeginningShare = 0.6;
/** Runs of three letters that are shared, of all (Dice's coefficient); less is chance. */
const minRunShare = 0.55;
/** Slips of the pen spare the first two letters mostly; without them every pair of words would have to be taken apart. */
const minSharedForRuns = 2;
/** A word within another: of five letters at least, as compounds are built. */
const minPart = 5;
const partOfPassageWord = 0.7;
const partOfQuestionWord = 0.6;

/**
 * How alike two folded words are, 0 to 1: inflections that no stemmer joins, compounds and their parts, and slips of the
 * pen behind the first letters. 0 where it is no more than chance.
 */
export const wordLikeness = (asked: string, written: string): number => {
  if (asked.length < minCharacters || written.length < minCharacters) return 0;
  if (asked === written) return 1;
  let likeness = 0;
  if (asked.charCodeAt(0) === written.charCodeAt(0)) {
    const beginning = sharedBeginning(asked, written);
    const share = beginning / Math.max(asked.length, written.length);
    if (beginning >= minBeginning && share >= minBeginningShare) likeness = share;
    if (beginning >= minSharedForRuns) {
      const runs = runShare(asked, written);
      if (runs >= minRunShare) likeness = Math.max(likeness, runs);
    }
  }
  if (asked.length >= minPart && written.includes(asked)) return Math.max(likeness, partOfPassageWord);
  if (written.length >= minPart && asked.includes(written)) return Math.max(likeness, partOfQuestionWord);
  return likeness;
};

const sharedBeginning = (one: string, other: string): number => {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return at;
};

const runLength = 3;

const runShare = (one: string, other: string): number => {
  const first = runsOf(one);
  const second = runsOf(other);
  let shared = 0;
  for (const run of first) if (second.has(run)) shared++;
  return (2 * shared) / (first.size + second.size);
};

const runsOf = (word: string): Set<string> => {
  const framed = ` ${word} `;
  const runs = new Set<string>();
  for (let at = 0; at + runLength <= framed.length; at++) runs.add(framed.slice(at, at + runLength));
  return runs;
};
