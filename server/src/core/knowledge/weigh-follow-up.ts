/** How a passage does for a message that leans on what was said before. */
export type FollowUpScores = {
  /** Scores, 0 to 1: for the message with what was said before, and for the message alone. */
  together: number;
  alone: number;
  /** What part of the message's own words it holds, 0 to 1. */
  own: number;
};

/** A passage that lacks the message's words comes right behind the best one that holds them. */
const behind = 0.95;
/** And is not lowered further than this: what holds them may still answer nothing. */
const leastFactor = 0.45;
/** From this part of the most that any passage holds of the message's words on, a passage is among those that hold them. */
const holdsMost = 0.99;

/**
 * One score for each passage: the better one of its two. What holds all that was said before and nothing of the message
 * itself answers the question before once more ("How long does delivery take?", "And a return?"). So with every word that it
 * lacks and another passage holds, what it owes to what was said before counts for less, down to a place behind the best
 * of those that hold them: there it is still at hand where the message only used another word than the passage. `found`:
 * passages that come into question. docs/quality.md measures it.
 */
export const weighFollowUp = (found: readonly FollowUpScores[]): ((scores: FollowUpScores) => number) => {
  const most = Math.max(0, ...found.map(({ own }) => own));
  const lack = ({ own }: FollowUpScores): number => (most === 0 ? 0 : 1 - Math.min(1, own / most));
  const isHolder = (scores: FollowUpScores): boolean => lack(scores) <= 1 - holdsMost;
  const best = bestOf(found.filter((scores) => isHolder(scores)));
  const bestWithout = bestOf(found.filter((scores) => !isHolder(scores))) || 1;
  const factor = Math.min(1, Math.max(leastFactor, (behind * best) / bestWithout));
  return (scores) => Math.max(scores.together * (1 - lack(scores) * (1 - factor)), scores.alone);
};

const bestOf = (found: readonly FollowUpScores[]): number =>
  Math.max(0, ...found.map(({ together, alone }) => Math.max(together, alone)));
