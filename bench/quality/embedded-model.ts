import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inParallel } from './in-parallel.ts';
import { addSources, createBot } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import type { Call } from './quality-server.ts';
import { readXquad } from './xquad-data.ts';

/** A question of XQuAD by its id, asked anew in other words. */
type Paraphrase = { id: string; question: string };

const readParaphrases = (): Paraphrase[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'paraphrases.en.json'), 'utf8')) as Paraphrase[];

/** A busy machine embeds a paragraph in half a second. */
const embeddedBudgetMs = 1_200_000;
const pauseMs = 500;

type Sources = { data: { embedding: { status: string } | null }[]; has_more: boolean; last_id: string };

const waitUntilEmbedded = async (call: Call, botId: string): Promise<void> => {
  const giveUpAt = performance.now() + embeddedBudgetMs;
  for (let after = ''; ;) {
    const page = await call<Sources>('GET', `/v1/bots/${botId}/sources?limit=100${after}`);
    if (page.data.every(({ embedding }) => embedding?.status === 'ready')) {
      if (!page.has_more) return;
      after = `&after=${page.last_id}`;
    } else {
      if (performance.now() > giveUpAt) throw new Error('the sources were not embedded');
      await pause(pauseMs);
    }
  }
};

/** Searches by words and by what they mean, with the model that needs no provider. */
export const embeddedModel: QualityPart = {
  name: 'embedded-model',
  async run({ serve, data }) {
    const set = readXquad(data, 'en');
    const paragraphOf = new Map(set.questions.map(({ id, paragraph }) => [id, paragraph]));
    const asked = [
      { what: 'XQuAD en', questions: set.questions.map(({ id, text }) => ({ id, question: text })) },
      { what: 'paraphrases', questions: readParaphrases() },
    ];
    const rows: QualityRow[] = [];
    const measure = async (env: Record<string, string>): Promise<number[]> => {
      const { call, stop } = await serve(env);
      const botId = await createBot(call, 'XQuAD en');
      const sources = await addSources(call, botId, set.paragraphs);
      if (env['PARLEY_EMBEDDINGS'] !== undefined) await waitUntilEmbedded(call, botId);
      const shares: number[] = [];
      for (const { questions } of asked) {
        const right = await inParallel(questions, async ({ id, question }) => {
          const path = `/v1/bots/${botId}/search`;
          const found = await call<{ data: { source_id: string }[] }>('POST', path, { query: question, limit: 1 });
          return found.data[0]?.source_id === sources[paragraphOf.get(id) ?? -1];
        });
        shares.push(right.filter(Boolean).length / right.length);
      }
      await stop();
      return shares;
    };
    const byWords = await measure({});
    // the limit is for turns; here it must not decide
    const byBoth = await measure({ PARLEY_EMBEDDINGS: 'builtin/english', PARLEY_EMBEDDINGS_TIMEOUT_MS: '60000' });
    for (const [at, { what, questions }] of asked.entries()) {
      const got = byBoth[at] ?? 0;
      rows.push({
        what: `${what}, right paragraph first; plain is by words alone`,
        baseline: byWords[at] ?? null,
        reach: null,
        got,
        n: questions.length,
      });
    }
    return rows;
  },
};
