import { inParallel } from './in-parallel.ts';
import { addSources, ask, createBot } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import { readXquad } from './xquad-data.ts';

const goals: readonly (readonly [language: string, reach: number | null])[] = [
  ['en', 0.85],
  ['es', null],
  ['de', null],
  ['zh', null],
];

/**
 * Each question twice: with all articles as knowledge, and without its own. Right is an answer, and then the fallback;
 * the figure is the mean of the two shares.
 */
export const unanswerable: QualityPart = {
  name: 'unanswerable',
  async run({ serve, data }) {
    const { call, stop } = await serve();
    const rows: QualityRow[] = [];
    for (const [language, reach] of goals) {
      const set = readXquad(data, language);
      const botId = await createBot(call, `XQuAD ${language}`);
      const sources = await addSources(call, botId, set.paragraphs);
      const counted = { answered: 0, refused: 0 };
      const refusals = async (questions: typeof set.questions): Promise<number> =>
        (await inParallel(questions, ({ text }) => ask(call, botId, text))).filter(({ fallback }) => fallback).length;
      for (const article of new Set(set.paragraphs.map((paragraph) => paragraph.article))) {
        const own = [...set.paragraphs.entries()].filter(([, paragraph]) => paragraph.article === article);
        const questions = set.questions.filter(({ paragraph }) => own.some(([at]) => at === paragraph));
        counted.answered += questions.length - (await refusals(questions));
        await inParallel(own, ([at]) => call('DELETE', `/v1/bots/${botId}/sources/${sources[at]}`));
        counted.refused += await refusals(questions);
        const texts = own.map(([, paragraph]) => paragraph);
        for (const [place, id] of (await addSources(call, botId, texts)).entries()) {
          sources[own[place]?.[0] ?? 0] = id;
        }
      }
      const n = set.questions.length;
      const [answered, refused] = [counted.answered / n, counted.refused / n];
      const plain = { baseline: null, reach: null, n };
      rows.push(
        {
          what: `XQuAD ${language}, balanced accuracy`,
          baseline: null,
          reach,
          got: (answered + refused) / 2,
          n: 2 * n,
        },
        { what: `XQuAD ${language}, answered with the article`, ...plain, got: answered },
        { what: `XQuAD ${language}, fallback without it`, ...plain, got: refused },
      );
    }
    await stop();
    return rows;
  },
};
