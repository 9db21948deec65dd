/** A passage by its words and by what it means. */
export type TwoScores = {
  /** 0 to 1, comparable between questions; 0 where no word fits. */
  words: number;
  /** Cosine of question and passage; null where it has no vector. */
  cosine: number | null;
};

/** How the cosines of a question lie over all passages of the bot. */
export type CosineSpread = { mean: number; deviation: number };

/**
 * What a passage gains for each deviation by which it is nearer to the question than others are, from `usual` on: many
 * passages are that near to any question. Chosen on questions of XQuAD and paraphrases of them, cross-validated over
 * articles (docs/quality.md); any weight from 0.08 to 0.2 does nearly as well.
 */
const weight = 0.15;
const usual = 1.5;
/** Meaning alone makes no passage certain. */
const mostGain = 0.9;

/**
 * One score of two, 0 to 1: as if words and meaning were two signs of which either may be right. It is never below that of
 * the words, so that `min_score` means what it means without vectors. What a cosine of 0.4 is worth differs between models,
 * so it is measured in deviations of the bot's own passages; with four passages or fewer none can stand out, and the words
 * decide alone.
 */
export const fuseScores = ({ words, cosine }: TwoScores, { mean, deviation }: CosineSpread): number => {
  if (cosine === null || deviation === 0) return words;
  const gain = weight * Math.max(0, (cosine - mean) / deviation - usual);
  return 1 - (1 - words) * (1 - Math.min(mostGain, gain));
};
