/** A passage by its words and by what it means. */
export type TwoScores = {
  /** 0 to 1, comparable between questions; 0 where no word fits. */
  words: number;
  /** Cosine of question and passage; null where it has no vector. */
  cosine: number | null;
};

/** How the cosines of a question lie over all passages of the bot. */
export type CosineSpread = { count: number; mean: number; deviation: number };

const weight = 0.05;

export const fuseScores = ({ words, cosine }: TwoScores, spread: CosineSpread): number => {
  if (cosine === null || spread.deviation === 0) return words;
  const standard = (cosine - spread.mean) / spread.deviation;
  return Math.min(1, Math.max(0, words + weight * standard));
};
