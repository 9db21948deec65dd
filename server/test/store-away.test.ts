import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ParleyError } from '../src/core/error.ts';
import { OpenStreams } from '../src/http/open-streams.ts';
import { sendMessageRoute } from '../src/http/routes/chat/send-message.ts';
import type { AnswerParts } from '../src/core/turn/answer-turn.ts';
import { LiveTurns } from '../src/core/turn/live-turns.ts';
import { TurnLog } from '../src/core/turn/turn-log.ts';
import type { TurnRunner } from '../src/core/turn/turn-runner.ts';
import { waitForTurn } from '../src/core/turn/wait-for-turn.ts';
import { newId } from '../src/kit/id.ts';
import { startHttp } from './http-harness.ts';
import { openTurnHouse, type TurnHouse } from './turn-house.ts';

/** A store that is away while a turn is composed or ended: the message was accepted, and is answered once it is back. */

let house: TurnHouse;

beforeEach(async () => {
  house = await openTurnHouse({ owner: 'node_test', durationMs: 300 });
});
afterEach(() => house.close());

const nothing: Awaited<ReturnType<AnswerParts['findPassages']>> = { passages: [], leftOut: [], searchedWith: [] };

/** Fails so many times with the code, then finds nothing. */
const awayFor = (times: number, code: 'storage_unavailable' | 'overloaded' | 'not_found' = 'storage_unavailable') => {
  let left = times;
  const findPassages = vi.fn<AnswerParts['findPassages']>(() => {
    left -= 1;
    return left >= 0 ? Promise.reject(new ParleyError(code)) : Promise.resolve(nothing);
  });
  return findPassages;
};

describe('a turn that cannot be composed', () => {
  it.each(['storage_unavailable', 'overloaded'] as const)('for a moment, by %s, is composed again', async (code) => {
    const away = awayFor(2, code);
    const { runner, errors } = await house.start({}, { findPassages: away });
    const claimed = await house.accept();
    runner.start(claimed, { readAlong: true });
    await expect.poll(() => house.calls.length).toBe(1);
    house.calls[0]?.();
    await expect.poll(async () => (await house.findTurn(claimed))?.status).toBe('completed');
    expect(await house.findTurn(claimed)).toMatchObject({ attempt: 1, charged: 1, errorCode: null });
    expect(errors).toMatchObject([{ code }, { code }]);
  });

  it('for longer than it is tried is begun anew, and whoever waits for it gets its end', async () => {
    // seven tries of the first attempt, and one of the second
    const away = awayFor(8);
    const { runner } = await house.start({}, { findPassages: away });
    const claimed = await house.accept();
    const { log } = runner.start(claimed, { readAlong: true });
    const waiting = waitForTurn({ turns: house.store.turns, runner }, log, { turn: claimed.turn, waitMs: 60_000 });
    await expect.poll(() => house.calls.length, { timeout: 30_000 }).toBe(1);
    house.calls[0]?.();
    expect((await waiting)?.turn).toMatchObject({ status: 'completed', attempt: 2, charged: 1 });
    // its stream ends without a terminal event, so that readers come back
    expect([log.abandoned, log.result]).toEqual([true, null]);
    const counter = await house.store.readers.usage.counter(
      house.workspaceId,
      house.workspaceId,
      claimed.turn.periodStart,
    );
    expect(counter).toEqual({ used: 1, reserved: 0 });
  });

  it('is cancelled at once where it is asked to stop meanwhile, and free', async () => {
    const away = awayFor(Infinity);
    const { runner } = await house.start({}, { findPassages: away });
    const claimed = await house.accept();
    runner.start(claimed, { readAlong: true });
    await expect.poll(() => away.mock.calls.length).toBeGreaterThan(1);
    runner.stop(claimed.turn.id, 'cancel');
    await expect.poll(async () => (await house.findTurn(claimed))?.status).toBe('cancelled');
    expect(await house.findTurn(claimed)).toMatchObject({ attempt: 1, charged: 0, errorCode: null });
    expect(runner.live.size).toBe(0);
  });

  it('is handed over by a server that stops, and not ended', async () => {
    const away = awayFor(Infinity);
    const { runner } = await house.start({ takeOver: async () => [] }, { findPassages: away });
    const claimed = await house.accept();
    const { log } = runner.start(claimed, { readAlong: true });
    await expect.poll(() => away.mock.calls.length).toBeGreaterThan(1);
    await runner.handOver();
    expect(log.abandoned).toBe(true);
    const tries = away.mock.calls.length;
    await expect
      .poll(() => house.database.query('select status, owner, fence from turns'))
      .toMatchObject([{ status: 'running', owner: null }]);
    expect(away.mock.calls).toHaveLength(tries);
  });

  it('is not tried again for what will stay as it is', async () => {
    const away = awayFor(Infinity, 'not_found');
    const { runner } = await house.start({}, { findPassages: away });
    const claimed = await house.accept();
    runner.start(claimed, { readAlong: true });
    await expect.poll(async () => (await house.findTurn(claimed))?.status).toBe('failed');
    expect(away).toHaveBeenCalledTimes(1);
  });

  it('ends as failed once it was given up ten times, and no error of the store is kept as its own', async () => {
    const { runner } = await house.start({ takeOver: async () => [] });
    const claimed = await house.accept();
    await house.database.write('update turns set attempt = 10');
    await house.store.turns.release([
      { workspaceId: house.workspaceId, turnId: claimed.turn.id, fence: claimed.turn.fence },
    ]);
    const { lease } = house;
    const look = { lease, soleOwner: false, except: [], historyLimit: 1, limit: 1, at: Date.now() };
    const [taken] = await house.store.turns.takeOver(look);
    runner.resume(taken!);
    await expect.poll(async () => (await house.findTurn(claimed))?.status).toBe('failed');
    expect(await house.findTurn(claimed)).toMatchObject({ attempt: 11, errorCode: 'internal_error', charged: 0 });
  });
});

describe('an end that cannot be stored', () => {
  it('is told as store failures, the last one too, and left to whoever takes the turn over', async () => {
    const { runner, errors } = await house.start({
      takeOver: async () => [],
      finish: () => Promise.reject(new ParleyError('storage_unavailable')),
    });
    const claimed = await house.accept();
    const { log } = runner.start(claimed, { readAlong: true });
    await expect.poll(() => house.calls.length).toBe(1);
    house.calls[0]?.();
    await expect.poll(() => log.abandoned, { timeout: 30_000 }).toBe(true);
    expect(errors).toHaveLength(7);
  });

  it('ends the turn as failed where only the last try learns that it never will be', async () => {
    let tries = 0;
    const { runner } = await house.start({
      takeOver: async () => [],
      finish: async (input) => {
        tries += 1;
        if (tries < 7) throw new ParleyError('storage_unavailable');
        if (tries === 7) throw new ParleyError('internal_error');
        return house.store.turns.finish(input);
      },
    });
    const claimed = await house.accept();
    const { log } = runner.start(claimed, { readAlong: true });
    await expect.poll(() => house.calls.length).toBe(1);
    house.calls[0]?.();
    await expect.poll(() => log.result?.turn.status, { timeout: 30_000 }).toBe('failed');
    expect(await house.findTurn(claimed)).toMatchObject({ status: 'failed', errorCode: 'internal_error', charged: 0 });
  });
});

describe('whoever waits for a turn that was given up while the store is away', () => {
  /** The route of chat, of a turn whose log can be had from nowhere else once it is abandoned. */
  const openChat = async () => {
    const live = new LiveTurns();
    const turn = { ...(await house.accept()).turn };
    const log = new TurnLog(turn.id, turn.attempt);
    log.append({ type: 'started' });
    const run = { abort: new AbortController() };
    live.add({ turn, log, run, stop: null, keepLog: null, readAlong: true, historyLimit: 0 });
    const route = sendMessageRoute({
      sendMessage: () => Promise.resolve({ turn, replayed: false, quota: null }),
      turns: { ...house.store.turns, find: () => Promise.reject(new ParleyError('storage_unavailable')) },
      runner: { live, draining: false, handedOver: false } as TurnRunner,
      streams: new OpenStreams(),
      jsonWaitMs: 60_000,
      maxMessageCharacters: 16_000,
    });
    const api = await startHttp({ routes: [{ ...route, path: '/test/chat', operationId: 'testChat' }] });
    turn.workspaceId = api.workspaceId;
    const giveUp = async () => {
      await expect.poll(() => log.readerCount).toBe(1);
      live.remove(turn.id);
      log.abandon();
    };
    return { api, giveUp, turnId: turn.id };
  };

  it('as JSON is told that it goes on, and when to come back with the same key', async () => {
    const { api, giveUp, turnId } = await openChat();
    const answer = api.send('POST', '/test/chat', { body: { bot_id: newId('bot'), message: 'Hello' } });
    await giveUp();
    const { status, headers, body } = await answer;
    expect([status, body.error.code, headers.get('parley-turn-id')]).toEqual([503, 'storage_unavailable', turnId]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('x-should-retry')).toBeNull();
    expect(body.detail).toContain(turnId);
    expect(body.detail).not.toContain('nothing was changed');
    await api.close();
  });

  it('as a stream sees it end without a terminal event, and may resume it', async () => {
    const { api, giveUp } = await openChat();
    const answer = api.send('POST', '/test/chat', { body: { bot_id: newId('bot'), message: 'Hello', stream: true } });
    await giveUp();
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(text.match(/^event: .*$/gmu)).toEqual(['event: turn.started']);
    await api.close();
  });
});
