import { inParallel } from './in-parallel.ts';
import { addSources, ask, createBot } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import { countWords, holdsAnswer } from './score-reply.ts';
import { readXquad } from './xquad-data.ts';

/** Two sentences chosen by plain BM25, and what is aimed at. */
const goals: readonly (readonly [language: string, baseline: number, reach: number])[] = [
  ['en', 0.81, 0.86],
  ['es', 0.77, 0.83],
  ['de', 0.71, 0.78],
];

/** What a reply may be long, in words. */
const meanWords = 60;
const mostWords = 120;

/** Does the reply of `builtin` hold a right answer, and is it short? 240 paragraphs, each a source, by `POST /v1/chat`. */
export const replies: QualityPart = {
  name: 'replies',
  async run({ serve, data }) {
    const { call, stop } = await serve();
    const rows: QualityRow[] = [];
    for (const [language, baseline, reach] of goals) {
      const set = readXquad(data, language);
      const botId = await createBot(call, `XQuAD ${language}`);
      await addSources(call, botId, set.paragraphs);
      const said = await inParallel(set.questions, async ({ text, answers }) => {
        const reply = await ask(call, botId, text);
        return { held: holdsAnswer(reply.text, answers), words: countWords(reply.text) };
      });
      const n = said.length;
      const words = said.map((reply) => reply.words);
      const mean = words.reduce((sum, count) => sum + count, 0) / n;
      const what = `XQuAD ${language}`;
      rows.push(
        { what: `${what}, reply holds an answer`, baseline, reach, got: said.filter(({ held }) => held).length / n, n },
        { what: `${what}, words of a reply, mean`, baseline: null, reach: meanWords, got: mean, n, atMost: true },
        { what: `${what}, most words`, baseline: null, reach: mostWords, got: Math.max(...words), n, atMost: true },
      );
    }
    await stop();
    return rows;
  },
};
