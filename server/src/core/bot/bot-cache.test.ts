import { expect, test } from 'vitest';
import type { Bot } from './bot.ts';
import { createBotCache } from './bot-cache.ts';

const bot = (version: number): Bot => ({ id: 'bot_1', workspaceId: 'ws_1', version }) as Bot;

const setUp = () => {
  const state = { now: 0, reads: 0, stored: bot(1), gate: Promise.resolve() };
  const find = async (workspaceId: string): Promise<Bot | null> => {
    state.reads += 1;
    const found = workspaceId === 'ws_1' ? state.stored : null;
    await state.gate;
    return found;
  };
  return { state, cache: createBotCache({ find }, () => state.now) };
};

test('a bot is read once in five seconds', async () => {
  const { state, cache } = setUp();
  await cache.find('ws_1', 'bot_1');
  expect(cache.find('ws_1', 'bot_1')).toEqual(bot(1));
  expect(state.reads).toBe(1);
  state.now += 5_000;
  await cache.find('ws_1', 'bot_1');
  expect(state.reads).toBe(2);
});

test('a bot that is remembered for one workspace is not given to another', async () => {
  const { cache } = setUp();
  await cache.find('ws_1', 'bot_1');
  expect(await cache.find('ws_2', 'bot_1')).toBeNull();
});

test('what was read before a change is not remembered after it', async () => {
  const { state, cache } = setUp();
  const gate = Promise.withResolvers<void>();
  state.gate = gate.promise;
  const underWay = cache.find('ws_1', 'bot_1');
  state.stored = bot(2);
  cache.forget('bot_1');
  gate.resolve();
  expect(await underWay).toEqual(bot(1));
  expect(await cache.find('ws_1', 'bot_1')).toEqual(bot(2));
});
