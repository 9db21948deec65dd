import { median } from '../quantile.ts';
import { addSources, createBot, type SourceText } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import { makeTexts } from './zipf-text.ts';
import { readXquad } from './xquad-data.ts';

const few = 1_000;
const many = 100_000;
const reachMs = 20;
const reachRatio = 5;

/** Chunks of a source: a handbook, and a long page. Ten thousand short pages take longer to bring in than all the rest. */
const shapes: readonly (readonly [name: string, chunksOfSource: number])[] = [
  ['sources of 1,000 chunks', 1_000],
  ['sources of 100 chunks', 100],
];

/** Questions before it is measured, and measured ones; no question comes twice. */
const warmQuestions = 200;
const measuredQuestions = 600;

const sourcesOf = (chunks: number, chunksOfSource: number, data: string): SourceText[] => {
  const made = makeTexts(data);
  return Array.from({ length: chunks / chunksOfSource }, (_, source) => ({
    title: `Chapter ${source + 1}`,
    text: Array.from({ length: chunksOfSource }, (_section, at) => `# Section ${at + 1}\n\n${made.next()}`).join(
      '\n\n',
    ),
  }));
};

/** How long a search takes with many chunks in one bot, against few, one at a time by `POST /v1/bots/{id}/search`; and how soon they are there. */
export const speed: QualityPart = {
  name: 'speed',
  async run({ serve, data }) {
    const questions = readXquad(data, 'en').questions.slice(0, warmQuestions + measuredQuestions);
    const rows: QualityRow[] = [];
    for (const [shape, chunksOfSource] of shapes) {
      const { call, stop } = await serve();
      const measure = async (chunks: number): Promise<{ p50Ms: number; chunksPerSecond: number }> => {
        const botId = await createBot(call, `${chunks} chunks`);
        const sources = sourcesOf(chunks, chunksOfSource, data);
        const addedAt = performance.now();
        await addSources(call, botId, sources);
        const chunksPerSecond = (chunks * 1_000) / (performance.now() - addedAt);
        const times: number[] = [];
        for (const { text } of questions) {
          const startedAt = performance.now();
          await call('POST', `/v1/bots/${botId}/search`, { query: text, limit: 6 });
          times.push(performance.now() - startedAt);
        }
        return { p50Ms: median(times.slice(warmQuestions)), chunksPerSecond };
      };
      const { p50Ms: fewMs } = await measure(few);
      const { p50Ms: manyMs, chunksPerSecond } = await measure(many);
      await stop();
      const plain = { baseline: null, n: measuredQuestions, atMost: true };
      rows.push(
        { what: `${shape}, ${few} in all, p50 in ms`, ...plain, reach: null, got: fewMs },
        { what: `${shape}, ${many} in all, p50 in ms`, ...plain, reach: reachMs, got: manyMs },
        { what: `${shape}, ${many} against ${few}`, ...plain, reach: reachRatio, got: manyMs / fewMs },
        { what: `${shape}, brought in, chunks a second`, baseline: null, reach: null, got: chunksPerSecond, n: many },
      );
    }
    return rows;
  },
};
