import { median } from '../quantile.ts';
import { addSources, createBot, type SourceText } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import { makeTexts } from './zipf-text.ts';
import { readXquad } from './xquad-data.ts';

const few = 1_000;
const many = 100_000;
const reachMs = 20;
const reachRatio = 5;

/** Chunks of a source: a handbook, and a page. */
const shapes: readonly (readonly [name: string, chunksOfSource: number])[] = [
  ['sources of 1,000 chunks', 1_000],
  ['sources of 10 chunks', 10],
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

/** How long a search takes with many chunks in one bot, against few, one at a time by `POST /v1/bots/{id}/search`. */
export const speed: QualityPart = {
  name: 'speed',
  async run({ serve, data }) {
    const questions = readXquad(data, 'en').questions.slice(0, warmQuestions + measuredQuestions);
    const rows: QualityRow[] = [];
    for (const [shape, chunksOfSource] of shapes) {
      const { call, stop } = await serve();
      const p50Ms = async (chunks: number): Promise<number> => {
        const botId = await createBot(call, `${chunks} chunks`);
        await addSources(call, botId, sourcesOf(chunks, chunksOfSource, data));
        const times: number[] = [];
        for (const { text } of questions) {
          const startedAt = performance.now();
          await call('POST', `/v1/bots/${botId}/search`, { query: text, limit: 6 });
          times.push(performance.now() - startedAt);
        }
        return median(times.slice(warmQuestions));
      };
      const fewMs = await p50Ms(few);
      const manyMs = await p50Ms(many);
      await stop();
      const plain = { baseline: null, n: measuredQuestions, atMost: true };
      rows.push(
        { what: `${shape}, ${few} in all, p50 in ms`, ...plain, reach: null, got: fewMs },
        { what: `${shape}, ${many} in all, p50 in ms`, ...plain, reach: reachMs, got: manyMs },
        { what: `${shape}, ${many} against ${few}`, ...plain, reach: reachRatio, got: manyMs / fewMs },
      );
    }
    return rows;
  },
};
