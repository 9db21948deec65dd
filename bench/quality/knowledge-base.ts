import { setTimeout as pause } from 'node:timers/promises';
import { inParallel } from './in-parallel.ts';
import type { Call } from './quality-server.ts';

type Sources = { data: { status: string; error: string | null }[]; has_more: boolean; last_id: string };

const readyBudgetMs = 1_200_000;
const readyPauseMs = 100;

/** A source of text, as the API takes it. */
export type SourceText = { title: string; text: string };

/** A bot with the builtin model and its defaults. */
export const createBot = async (call: Call, name: string): Promise<string> =>
  (await call<{ id: string }>('POST', '/v1/bots', { name, model: 'builtin' })).id;

/** Adds sources and waits until they can be found; their ids in the order of the texts. */
export const addSources = async (call: Call, botId: string, texts: readonly SourceText[]): Promise<string[]> => {
  const sources = await inParallel(texts, ({ title, text }) =>
    call<{ id: string }>('POST', `/v1/bots/${botId}/sources`, { type: 'text', title, text }),
  );
  await waitUntilReady(call, botId);
  return sources.map(({ id }) => id);
};

/** Until all sources of a bot can be found; throws where one failed. */
export const waitUntilReady = async (call: Call, botId: string): Promise<void> => {
  const giveUpAt = performance.now() + readyBudgetMs;
  for (let after = ''; ;) {
    const page = await call<Sources>('GET', `/v1/bots/${botId}/sources?limit=100${after}`);
    const failed = page.data.find((source) => source.status === 'failed');
    if (failed) throw new Error(`a source failed: ${failed.error}`);
    if (page.data.every((source) => source.status === 'ready')) {
      if (!page.has_more) return;
      after = `&after=${page.last_id}`;
    } else {
      if (performance.now() > giveUpAt) throw new Error('the sources did not become ready');
      await pause(readyPauseMs);
    }
  }
};

/** The answer to a question, each by a user of its own. */
export const ask = async (call: Call, botId: string, message: string): Promise<{ text: string; fallback: boolean }> => {
  const body = { bot_id: botId, message };
  const turn = await call<{ finish_reason: string; reply: { content: string } }>('POST', '/v1/chat', body);
  return { text: turn.reply.content, fallback: turn.finish_reason === 'fallback' };
};
