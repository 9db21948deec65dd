import { hear, type RecallQuestion, understand } from '../src/core/recall/read-question.ts';

/** Both steps of reading a question, with nothing between them. */
export const readQuestion = (text: string, options: { before: string | null; now: number }): RecallQuestion | null => {
  const heard = hear(text);
  return heard && understand(heard, options);
};
