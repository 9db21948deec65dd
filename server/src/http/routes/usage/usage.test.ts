import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';
import { acceptTurn, completed } from '../../../../test/store-suite/store-under-test.ts';
import { dayAt, periodAt } from '../../../core/usage/period.ts';
import type { AcceptTurn } from '../../../core/turn/turn.ts';
import { newId } from '../../../kit/id.ts';

let api: HttpHarness;
const dayMs = 24 * 60 * 60 * 1000;

beforeAll(async () => {
  const plan = { warnAt: null, requestsPerMinute: 600, bots: null, memoryMessages: 10, concurrentStreams: 5 };
  api = await startHttp({ plans: [{ ...plan, name: 'small', messagesPerMonth: 5 }] });
});
afterAll(() => api.close());

/** A workspace with a key, and turns that were really accepted and settled. */
const workspaceWithUsage = async (plan: string | null = null) => {
  const workspaceId = await api.makeWorkspace(plan);
  const { secret: key } = await api.makeKey({ workspaceId });
  const accept = async (change: Partial<AcceptTurn> = {}) => {
    const at = change.at ?? Date.now();
    const { start: periodStart, end: periodEnd } = periodAt(at);
    const quota = {
      periodStart,
      periodEnd,
      shares: [{ workspaceId, ownerId: workspaceId, limit: null, warnAt: null }],
    };
    return (await acceptTurn(api, workspaceId, { botId: newId('bot'), newConversation: true, quota, at, ...change }))
      .turn;
  };
  const chat = async (change: Partial<AcceptTurn> = {}): Promise<string> => {
    const turn = await accept(change);
    await api.store.turns.finish({ ...completed(turn), at: turn.createdAt });
    return turn.id;
  };
  const get = async (path: string, otherKey = key) => (await api.send('GET', path, { key: otherKey })).body;
  return { workspaceId, key, accept, chat, get };
};

const remembered = { memory_input_tokens: 0, memory_output_tokens: 0 };
const figures = { turns: 1, messages: 1, input_tokens: 10, output_tokens: 3, ...remembered };

describe('the usage of a period', () => {
  it('tells quota, tokens and figures by channel and bot', async () => {
    const { accept, chat, get } = await workspaceWithUsage('small');
    const [shop, help] = [newId('bot'), newId('bot')];
    await chat({ botId: shop });
    await chat({ botId: shop, channel: 'telegram' });
    await chat({ botId: help });
    await accept({ botId: help });
    const { start, end } = periodAt(Date.now());
    expect(await get('/v1/usage')).toEqual({
      object: 'usage',
      period: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
      plan: {
        name: 'small',
        messages_per_month: 5,
        warn_at: null,
        requests_per_minute: 600,
        bots: null,
        memory_messages: 10,
        concurrent_streams: 5,
      },
      messages: { used: 3, reserved: 1, limit: 5, remaining: 1, warn_at: null },
      tokens: { input: 30, output: 9, memory_input: 0, memory_output: 0 },
      by_channel: {
        api: { turns: 2, messages: 2, input_tokens: 20, output_tokens: 6, ...remembered },
        telegram: figures,
      },
      by_bot: [
        { bot_id: shop, turns: 2, messages: 2, input_tokens: 20, output_tokens: 6, ...remembered, quota: null },
        { bot_id: help, ...figures, quota: null },
      ],
      by_client: [],
    });
  });

  it('has no limit and nothing remaining to count where the plan has none', async () => {
    const { chat, get } = await workspaceWithUsage();
    await chat();
    expect((await get('/v1/usage')).messages).toEqual({
      used: 1,
      reserved: 0,
      limit: null,
      remaining: null,
      warn_at: null,
    });
  });

  it('does not count the month before', async () => {
    const { chat, get } = await workspaceWithUsage();
    await chat({ at: periodAt(Date.now()).start - 1 });
    expect(await get('/v1/usage')).toMatchObject({ messages: { used: 0 }, tokens: { input: 0 }, by_bot: [] });
  });

  it('of test mode is apart and charges nothing', async () => {
    const { workspaceId, chat, get } = await workspaceWithUsage('small');
    const { secret: testKey } = await api.makeKey({ workspaceId, type: 'test' });
    const { start: periodStart, end: periodEnd } = periodAt(Date.now());
    await chat({ mode: 'test', quota: { periodStart, periodEnd, shares: [] } });
    expect(await get('/v1/usage')).toMatchObject({ messages: { used: 0 }, tokens: { input: 0 } });
    expect(await get('/v1/usage', testKey)).toMatchObject({
      messages: { used: 0, reserved: 0, limit: 5, remaining: 5 },
      tokens: { input: 10, output: 3, memory_input: 0, memory_output: 0 },
    });
    expect((await get('/v1/usage/ledger', testKey)).data).toEqual([]);
  });

  it('shows a key that is limited to some bots no figures of others', async () => {
    const { workspaceId, chat, get } = await workspaceWithUsage();
    const [own, other] = [newId('bot'), newId('bot')];
    await chat({ botId: own });
    await chat({ botId: other });
    const { secret: limited } = await api.makeKey({ workspaceId, botIds: [own] });
    expect(await get('/v1/usage', limited)).toMatchObject({
      messages: { used: 2 },
      tokens: { input: 10 },
      by_bot: [{ bot_id: own }],
    });
    expect((await get('/v1/usage/daily', limited)).data).toMatchObject([{ bot_id: own }]);
    expect((await get('/v1/usage/ledger', limited)).data).toMatchObject([{ bot_id: own }]);
    expect((await get(`/v1/usage/daily?bot_id=${other}`, limited)).error.code).toBe('not_found');
  });
});

describe('usage by day', () => {
  it('is given for the last 30 days, or for the days and the bot that are named', async () => {
    const { chat, get } = await workspaceWithUsage();
    const now = Date.now();
    const [shop, help] = [newId('bot'), newId('bot')];
    await chat({ botId: shop, at: now });
    await chat({ botId: shop, at: now - dayMs });
    await chat({ botId: help, at: now - 29 * dayMs });
    await chat({ botId: help, at: now - 30 * dayMs });
    const row = (at: number, bot_id: string) => ({
      object: 'daily_usage',
      day: dayAt(at),
      bot_id,
      channel: 'api',
      ...figures,
    });
    expect(await get('/v1/usage/daily')).toEqual({
      object: 'list',
      data: [row(now - 29 * dayMs, help), row(now - dayMs, shop), row(now, shop)],
      has_more: false,
    });
    const yesterday = dayAt(now - dayMs);
    expect((await get(`/v1/usage/daily?from=${yesterday}&to=${yesterday}`)).data).toEqual([row(now - dayMs, shop)]);
    expect((await get(`/v1/usage/daily?bot_id=${help}`)).data).toEqual([row(now - 29 * dayMs, help)]);
  });

  it.each([
    ['days that are turned round', 'from=2026-02-02&to=2026-02-01', 'from'],
    ['more than a year', 'from=2025-01-01&to=2026-01-02', 'from'],
    ['a day that is none', 'from=2026-02-30', 'from'],
    ['a time', 'to=2026-02-01T00:00:00Z', 'to'],
  ])('refuses %s', async (_what, query, param) => {
    const { body, status } = await api.send('GET', `/v1/usage/daily?${query}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'invalid_request', param });
  });
});

describe('the ledger', () => {
  it('has every charge with its turn, page by page, and sums up to the counter', async () => {
    const { chat, get } = await workspaceWithUsage();
    const turns = [await chat(), await chat(), await chat()].toReversed();
    const first = await get('/v1/usage/ledger?limit=2');
    const second = await get(`/v1/usage/ledger?limit=2&after=${first.last_id}`);
    expect([first.has_more, second.has_more]).toEqual([true, false]);
    const entries: { turn_id: string; messages: number }[] = [...first.data, ...second.data];
    expect(entries.map((entry) => entry.turn_id)).toEqual(turns);
    const { messages } = await get('/v1/usage');
    expect(entries.reduce((sum, entry) => sum + entry.messages, 0)).toBe(messages.used);
  });

  it('needs the scope usage:read, as all usage does', async () => {
    const { secret: key } = await api.makeKey({ scopes: ['chat'] });
    for (const path of ['/v1/usage', '/v1/usage/daily', '/v1/usage/ledger']) {
      expect((await api.send('GET', path, { key })).body.error.code).toBe('insufficient_scope');
    }
  });
});
