import { inParallel } from './in-parallel.ts';
import { addSources, createBot } from './knowledge-base.ts';
import type { QualityPart } from './part.ts';
import { readXquad } from './xquad-data.ts';

/** What is published beside the data: plain BM25, and what is aimed at. */
const goals: readonly (readonly [language: string, baseline: number, reach: number])[] = [
  ['en', 0.919, 0.96],
  ['es', 0.904, 0.95],
  ['de', 0.848, 0.93],
  ['zh', 0.108, 0.94],
];

type Found = { data: { source_id: string; text: string }[] };

/** Passages that are asked for: the first counts, and a miss tells how far behind the right one was. */
const limit = 20;

/** Does the right one of 240 paragraphs come first, by `POST /v1/bots/{id}/search`? */
export const paragraphs: QualityPart = {
  name: 'paragraphs',
  async run({ serve, data, miss }) {
    const { call, stop } = await serve();
    const rows = [];
    for (const [language, baseline, reach] of goals) {
      const set = readXquad(data, language);
      const botId = await createBot(call, `XQuAD ${language}`);
      const sources = await addSources(call, botId, set.paragraphs);
      const right = await inParallel(set.questions, async ({ text, paragraph }) => {
        const found = await call<Found>('POST', `/v1/bots/${botId}/search`, { query: text, limit });
        const place = found.data.findIndex((passage) => passage.source_id === sources[paragraph]);
        if (place !== 0) {
          const wanted = set.paragraphs[paragraph]?.text ?? '';
          miss({ set: `XQuAD ${language}`, question: text, right: wanted, first: found.data[0]?.text ?? null, place });
        }
        return place === 0;
      });
      const got = right.filter(Boolean).length / right.length;
      rows.push({ what: `XQuAD ${language}, right paragraph first`, baseline, reach, got, n: right.length });
    }
    await stop();
    return rows;
  },
};
