import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/conversation/conversation.ts';
import type { AcceptedTurn, AcceptTurn, ClaimedTurn } from '../../src/core/turn/turn.ts';
import { periodAt } from '../../src/core/usage/period.ts';
import { newId } from '../../src/kit/id.ts';
import {
  acceptTurn,
  addConversation,
  addWorkspace,
  at,
  completed,
  type CurrentStore,
  firstPage,
} from './store-under-test.ts';

/** The transactions of a turn's life, as every dialect must keep them. */
export const describeTurns = (current: CurrentStore): void => {
  const accept = async (workspaceId: string, change: Partial<AcceptTurn> = {}) => {
    const accepted = await acceptTurn(current(), workspaceId, change);
    if (accepted.kind !== 'accepted') throw new Error(`the message was ${accepted.kind}`);
    return accepted;
  };
  const counter = (workspaceId: string, accepted: Pick<AcceptedTurn, 'turn'>) =>
    current().store.readers.usage.counter(workspaceId, workspaceId, accepted.turn.periodStart);
  const say = (text: string) => ({ id: newId('msg'), text, tokens: 1, metadata: {} });

  describe('accepting a message', () => {
    it('starts the turn at once with what came before it, oldest first', async () => {
      const workspaceId = await addWorkspace(current());
      const first = await accept(workspaceId, { message: say('one') });
      await current().store.turns.finish(completed(first.turn));
      const second = await accept(workspaceId, { message: say('two'), historyLimit: 10 });
      expect(second.turn.conversationId).toBe(first.turn.conversationId);
      expect(second.claimed?.history.map(({ role, text }) => [role, text])).toEqual([
        ['user', 'one'],
        ['assistant', 'Good day.'],
      ]);
      expect(second.claimed?.messages.map(({ text }) => text)).toEqual(['two']);
      const cut = await current().store.turns.finish(completed(second.turn));
      expect(cut?.result.turn).toMatchObject({ status: 'completed', charged: 1 });
      const third = await accept(workspaceId, { historyLimit: 3 });
      expect(third.claimed?.history.map(({ text }) => text)).toEqual(['Good day.', 'two', 'Good day.']);
    });

    it('grants not one reservation above the limit, however many ask at once', async () => {
      const workspaceId = await addWorkspace(current());
      const limit = 7;
      const shares = [{ workspaceId, ownerId: workspaceId, limit, warnAt: null }];
      const one = await accept(workspaceId, { newConversation: true });
      const quota = { periodStart: one.turn.periodStart, periodEnd: one.turn.periodStart + 1_000, shares };
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, () => accept(workspaceId, { newConversation: true, quota })),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(limit - 1);
      expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'quota_exceeded' } });
      expect(await counter(workspaceId, one)).toEqual({ used: 0, reserved: limit });
    });

    it('counts on every owner of the quota tree, and on none where one of them refuses', async () => {
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      const quota = {
        periodStart: turn.periodStart,
        periodEnd: turn.periodStart + 1_000,
        shares: [
          { workspaceId, ownerId: workspaceId, limit: null, warnAt: null },
          { workspaceId, ownerId: 'user:quota', limit: 1, warnAt: null },
        ],
      };
      const inner = () => current().store.readers.usage.counter(workspaceId, 'user:quota', turn.periodStart);
      const both = await accept(workspaceId, { newConversation: true, quota });
      expect([await counter(workspaceId, both), await inner()]).toEqual([
        { used: 0, reserved: 2 },
        { used: 0, reserved: 1 },
      ]);
      await expect(accept(workspaceId, { newConversation: true, quota })).rejects.toMatchObject({
        code: 'quota_exceeded',
      });
      await current().store.turns.finish(completed(both.turn));
      expect([await counter(workspaceId, both), await inner()]).toEqual([
        { used: 1, reserved: 1 },
        { used: 1, reserved: 0 },
      ]);
    });

    it('leaves nothing where it is refused', async () => {
      const workspaceId = await addWorkspace(current());
      const running = await accept(workspaceId);
      const before = await current().countRows();
      await expect(accept(workspaceId, { onBusy: 'reject' })).rejects.toMatchObject({ code: 'conversation_busy' });
      await expect(accept(workspaceId, { conversationId: newId('conv') })).rejects.toMatchObject({ code: 'not_found' });
      await expect(accept(workspaceId, { maxQueued: 0 })).rejects.toMatchObject({ code: 'too_many_queued' });
      expect(await current().countRows()).toEqual(before);
      expect(await counter(workspaceId, running)).toEqual({ used: 0, reserved: 1 });
    });

    it('is refused for a bot that was deleted, whatever the caller remembers', async () => {
      const workspaceId = await addWorkspace(current());
      await accept(workspaceId);
      await current().store.transact(({ bots }) => bots.markDeleted(workspaceId, 'bot_a', at));
      const { store } = current();
      const again = { ...completed((await accept(workspaceId, { botId: 'bot_b' })).turn) };
      await store.turns.finish(again);
      await expect(store.turns.accept({ ...(await acceptInput(workspaceId)), botId: 'bot_a' })).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('makes one turn of one Idempotency-Key, and refuses it for another request', async () => {
      const workspaceId = await addWorkspace(current());
      const idempotency = { route: 'chat', key: 'k', fingerprint: 'f', expiresAt: at + 1_000 };
      const results = await Promise.all(
        Array.from({ length: 10 }, () => acceptTurn(current(), workspaceId, { idempotency })),
      );
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
      expect(new Set(results.map(({ turn }) => turn.id)).size).toBe(1);
      await expect(
        acceptTurn(current(), workspaceId, { idempotency: { ...idempotency, fingerprint: 'other' } }),
      ).rejects.toMatchObject({ code: 'idempotency_mismatch' });
      const later = await acceptTurn(current(), workspaceId, { idempotency, at: at + 2_000, newConversation: true });
      expect(later.kind).toBe('accepted');
    });
  });

  describe('a message that is merged', () => {
    const pairs = (from: number, count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`pair ${from + index}`, 'x']));
    /** A conversation with a turn that runs; gives what becomes of messages that are merged. */
    const open = async () => {
      const workspaceId = await addWorkspace(current());
      await accept(workspaceId);
      return async (change: Partial<AcceptTurn>): Promise<[AcceptedTurn['kind'], string]> => {
        const { kind, turn } = await acceptTurn(current(), workspaceId, {
          onBusy: 'merge',
          message: say('Hello'),
          ...change,
        });
        return [kind, turn.id];
      };
    };

    it('joins a waiting turn up to sixteen pairs of context together, and waits as a turn of its own past them', async () => {
      const merge = await open();
      const [waits, first] = await merge({ context: pairs(0, 10) });
      expect(waits).toBe('accepted');
      // six new ones, and four that are there
      expect(await merge({ context: pairs(6, 10) })).toEqual(['merged', first]);
      const [behind, second] = await merge({ context: pairs(16, 1) });
      expect([behind, second === first]).toEqual(['accepted', false]);
      expect(await merge({ context: pairs(17, 15) })).toEqual(['merged', second]);
    });

    it('joins as long as the model has room for all of them, with what is added to each', async () => {
      const merge = await open();
      const message = { ...say('Hello'), tokens: 100 };
      const room = { roomTokens: 330, message };
      const [, first] = await merge(room);
      expect(await merge({ ...room, message: { ...message, id: newId('msg') } })).toEqual(['merged', first]);
      expect(await merge({ ...room, message: { ...message, id: newId('msg') } })).toEqual(['merged', first]);
      const [behind, second] = await merge({ ...room, message: { ...message, id: newId('msg'), tokens: 7 } });
      expect([behind, second === first]).toEqual(['accepted', false]);
    });

    it('finds no place where it does not fit and the line is full', async () => {
      const merge = await open();
      await merge({ context: pairs(0, 16), maxQueued: 1 });
      await expect(merge({ context: pairs(16, 1), maxQueued: 1 })).rejects.toMatchObject({ code: 'too_many_queued' });
    });
  });

  describe('finishing a turn', () => {
    it('says so where the end will never be stored as it is, and writes nothing of it', async () => {
      const workspaceId = await addWorkspace(current());
      const taken = await accept(workspaceId);
      const { reply } = (await current().store.turns.finish(completed(taken.turn)))!.result;
      const accepted = await accept(workspaceId, { newConversation: true });
      // the key of another message
      const end = { ...completed(accepted.turn), reply: { id: reply!.id, text: 'Again', tokens: 1, citations: [] } };
      const others = await Promise.all(['one', 'two'].map((userId) => accept(workspaceId, { userId })));
      const ended = others.map(({ turn }) => current().store.turns.finish(completed(turn)));
      await expect(current().store.turns.finish(end)).rejects.toMatchObject({ code: 'internal_error' });
      expect(await Promise.all(ended)).not.toContain(null);
      expect(await counter(workspaceId, accepted)).toEqual({ used: 3, reserved: 1 });
      expect((await current().store.turns.find(workspaceId, accepted.turn.id))?.turn.status).toBe('running');
      expect(await current().store.turns.finish(completed(accepted.turn))).not.toBeNull();
    });

    it('stores reply, charge and record together, and gives the conversation to the next that waits', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const first = await accept(workspaceId, { message: say('one') });
      const second = await accept(workspaceId, { message: say('two') });
      expect(second.claimed).toBeNull();
      const finished = await store.turns.finish({
        ...completed(first.turn),
        lease: { owner: 'node_test', durationMs: 60_000 },
        historyLimit: 10,
      });
      expect(finished?.next?.turn).toMatchObject({ id: second.turn.id, status: 'running' });
      expect(finished?.next?.history.map(({ text }) => text)).toEqual(['one', 'Good day.']);
      const known = await store.turns.find(workspaceId, first.turn.id);
      expect(known).toEqual(finished?.result);
      expect(textOf(known!.reply!)).toBe('Good day.');
      expect(await counter(workspaceId, first)).toEqual({ used: 1, reserved: 1 });
      const ledger = await store.readers.usage.ledger(workspaceId, { ownerId: workspaceId, botIds: null }, firstPage);
      expect(ledger.items).toMatchObject([{ turnId: first.turn.id, messages: 1 }]);
    });

    it('writes nothing a second time, or with an older fence', async () => {
      const { store, countRows } = current();
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      expect(await store.turns.finish(completed({ ...turn, fence: turn.fence - 1 }))).toBeNull();
      expect(await store.turns.finish(completed(turn))).not.toBeNull();
      const before = await countRows();
      expect(await store.turns.finish(completed(turn))).toBeNull();
      expect(await countRows()).toEqual(before);
      expect(await counter(workspaceId, { turn })).toEqual({ used: 1, reserved: 0 });
    });

    it('gives the reservation back where it charges nothing', async () => {
      const workspaceId = await addWorkspace(current());
      const accepted = await accept(workspaceId);
      await current().store.turns.finish({ ...completed(accepted.turn), status: 'failed', charge: false, reply: null });
      expect(await counter(workspaceId, accepted)).toEqual({ used: 0, reserved: 0 });
    });
  });

  describe('a turn that was accepted while a person had its conversation', () => {
    const quotaOf = (workspaceId: string, limit: number | null): AcceptTurn['quota'] => {
      const { start: periodStart, end: periodEnd } = periodAt(at);
      return { periodStart, periodEnd, shares: [{ workspaceId, ownerId: workspaceId, limit, warnAt: null }] };
    };
    const acceptInHumanHands = async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId, { status: 'human' });
      const accepted = await accept(workspaceId, { conversationId: conversation.id });
      expect(accepted.turn.quotaOwners).toEqual([]);
      return { workspaceId, conversation, accepted, turn: accepted.turn };
    };

    it('reserves its message once the bot is to answer it after all, and is charged for the answer', async () => {
      const { store } = current();
      const { workspaceId, conversation, accepted } = await acceptInHumanHands();
      await store.transact(({ conversations }) => conversations.update({ ...conversation, status: 'open' }));
      await current().run('update turns set lease_until = 1 where lease_until is not null');
      const [taken] = await store.turns.takeOver({
        lease: { owner: 'node_other', durationMs: 60_000 },
        soleOwner: false,
        except: [],
        historyLimit: 0,
        limit: 100,
        at,
      });
      const { turn, conversationStatus } = taken!.claimed;
      expect([turn.quotaOwners, conversationStatus]).toEqual([[], 'open']);
      const quota = quotaOf(workspaceId, 1);
      // the process that accepted it has lost it
      expect(await store.turns.reserve({ turn: accepted.turn, quota })).toBeNull();
      const reserved = await store.turns.reserve({ turn, quota });
      expect(reserved?.quotaOwners).toEqual([{ workspaceId, ownerId: workspaceId }]);
      // a commit may stand of which nobody was told: asked again, it is the same reservation
      expect(await store.turns.reserve({ turn, quota: quotaOf(workspaceId, null) })).toEqual(reserved);
      expect(await counter(workspaceId, accepted)).toEqual({ used: 0, reserved: 1 });
      expect((await store.turns.find(workspaceId, turn.id))?.turn).toEqual(reserved);
      expect(await store.turns.finish(completed(reserved!))).toMatchObject({ result: { turn: { charged: 1 } } });
      expect(await counter(workspaceId, accepted)).toEqual({ used: 1, reserved: 0 });
    });

    it('reserves nothing where the quota has no room, and may where it has', async () => {
      const { store } = current();
      const { workspaceId, accepted, turn } = await acceptInHumanHands();
      const other = await accept(workspaceId, { newConversation: true });
      const refused = store.turns.reserve({ turn, quota: quotaOf(workspaceId, 1) });
      await expect(refused).rejects.toMatchObject({ code: 'quota_exceeded' });
      expect(await counter(workspaceId, accepted)).toEqual({ used: 0, reserved: 1 });
      expect((await store.turns.find(workspaceId, turn.id))?.turn.quotaOwners).toEqual([]);
      await store.turns.finish({ ...completed(other.turn), charge: false });
      expect(await store.turns.reserve({ turn, quota: quotaOf(workspaceId, 1) })).not.toBeNull();
    });

    it('reserves nothing once its conversation was deleted, and gives back what it had reserved before', async () => {
      const { store } = current();
      for (const isEarlier of [false, true]) {
        const { workspaceId, conversation, accepted, turn } = await acceptInHumanHands();
        const input = { turn, quota: quotaOf(workspaceId, null) };
        if (isEarlier) await store.turns.reserve(input);
        expect((await counter(workspaceId, accepted)).reserved).toBe(isEarlier ? 1 : 0);
        await store.transact(({ conversations }) => conversations.markDeleted(workspaceId, conversation.id, at));
        expect(await store.turns.reserve(input)).toBeNull();
        expect((await counter(workspaceId, accepted)).reserved).toBe(0);
      }
    });
  });

  describe('a turn whose owner is gone', () => {
    const takeOver = (change: { soleOwner?: boolean; except?: readonly string[] } = {}) =>
      current().store.turns.takeOver({
        lease: { owner: 'node_other', durationMs: 60_000 },
        soleOwner: false,
        except: [],
        historyLimit: 10,
        limit: 100,
        at,
        ...change,
      });
    /** Lets every lease run out, by whichever clock it goes. */
    const expire = () => current().run('update turns set lease_until = 1 where lease_until is not null');

    it('is taken once its lease has run out, and its old owner can write nothing more', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      expect(await takeOver()).toEqual([]);
      await expire();
      const [taken] = await takeOver();
      expect(taken?.claimed.turn).toMatchObject({ id: turn.id, attempt: 2, fence: turn.fence + 1 });
      expect(await store.turns.finish(completed(turn))).toBeNull();
      const { workspaceId: _same, ...place } = { workspaceId, turnId: turn.id, fence: turn.fence };
      const lease = { owner: 'node_test', durationMs: 60_000 };
      expect(await store.turns.keepPartial({ workspaceId, ...place, text: 'late', receipt: null, lease, at })).toBe(
        false,
      );
      expect(await store.turns.renew([{ workspaceId, ...place }], lease, at)).toEqual({ lost: [turn.id], stops: [] });
      expect(await store.turns.finish(completed(taken!.claimed.turn))).not.toBeNull();
    });

    it('is taken at once where no other process can be alive', async () => {
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      const taken = await takeOver({ soleOwner: true });
      expect(taken.map(({ claimed }) => claimed.turn.id)).toEqual([turn.id]);
      expect(await takeOver({ soleOwner: true })).toEqual([]);
    });

    it('is left alone where whoever looks runs it, however long ago its lease ran out', async () => {
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      const other = await accept(workspaceId, { userId: 'user-2' });
      await expire();
      const late = { soleOwner: true };
      const taken = await takeOver({ ...late, except: [turn.id] });
      expect(taken.map(({ claimed }) => claimed.turn.id)).toEqual([other.turn.id]);
      // it can still be stored by whoever runs it
      expect(await current().store.turns.finish(completed(turn))).not.toBeNull();
      expect(await takeOver({ ...late, except: [other.turn.id] })).toEqual([]);
    });

    it('comes with the text that it had stored, and with what it was asked to do', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      const lease = { owner: 'node_test', durationMs: 60_000 };
      const place = { workspaceId, turnId: turn.id, fence: turn.fence };
      expect(await store.turns.keepPartial({ ...place, text: 'Half', receipt: '[]', lease, at })).toBe(true);
      await store.turns.requestStop({ workspaceId, turnId: turn.id, request: 'cancel', log: '[1]', at });
      expect(await store.turns.renew([place], lease, at)).toEqual({
        lost: [],
        stops: [{ turnId: turn.id, request: 'cancel' }],
      });
      await expire();
      const [taken] = await takeOver();
      expect(taken).toMatchObject({ partial: 'Half', stop: 'cancel' });
    });

    it('is taken at once where its owner gave it up, which can write nothing more', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      await store.turns.release([{ workspaceId, turnId: turn.id, fence: turn.fence - 1 }]);
      expect(await takeOver()).toEqual([]);
      const place = { workspaceId, turnId: turn.id, fence: turn.fence };
      await store.turns.release([place]);
      const lease = { owner: 'node_test', durationMs: 60_000 };
      expect(await store.turns.keepPartial({ ...place, text: 'late', receipt: null, lease, at })).toBe(false);
      expect(await store.turns.renew([place], lease, at)).toEqual({ lost: [turn.id], stops: [] });
      expect(await store.turns.finish(completed(turn))).toBeNull();
      const [taken] = await takeOver({ soleOwner: true });
      expect(taken).toMatchObject({ released: true, partial: null, claimed: { turn: { id: turn.id, attempt: 2 } } });
      await expire();
      expect(await takeOver()).toMatchObject([{ released: false }]);
    });

    it('is taken too where it waits for nobody but was never started', async () => {
      const workspaceId = await addWorkspace(current());
      const first = await accept(workspaceId);
      const second = await accept(workspaceId);
      await current().store.turns.finish(completed(first.turn));
      const [taken] = await takeOver();
      const claimed: ClaimedTurn | undefined = taken?.claimed;
      expect(claimed?.turn).toMatchObject({ id: second.turn.id, status: 'running', attempt: 1 });
    });
  });

  describe('stopping a turn', () => {
    it('ends a waiting one without a charge, and leaves an ended one as it is', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const first = await accept(workspaceId);
      const second = await accept(workspaceId);
      const stop = (turnId: string) =>
        store.turns.requestStop({ workspaceId, turnId, request: 'cancel', log: '[1,"q"]', at });
      expect(await stop(second.turn.id)).toMatchObject({ kind: 'ended', result: { turn: { status: 'cancelled' } } });
      expect(await stop(first.turn.id)).toEqual({ kind: 'requested' });
      await store.turns.finish(completed(first.turn));
      expect(await stop(first.turn.id)).toMatchObject({ kind: 'ended', result: { turn: { status: 'completed' } } });
      expect(await stop(newId('turn'))).toBeNull();
      expect(await counter(workspaceId, first)).toEqual({ used: 1, reserved: 0 });
    });
  });

  describe('what is kept of turns', () => {
    it('is the latest feedback, of which other workspaces know nothing', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      await store.turns.finish(completed(turn));
      const { feedback } = store.readers;
      const rate = (rating: 'up' | 'down', comment: string | null) =>
        store.transact((writers) => writers.feedback.set(workspaceId, turn.id, { rating, comment }));
      expect(await feedback.find(workspaceId, turn.id)).toBeNull();
      await rate('down', 'Too short');
      expect(await feedback.find(workspaceId, turn.id)).toEqual({ rating: 'down', comment: 'Too short' });
      await rate('up', null);
      expect(await feedback.find(workspaceId, turn.id)).toEqual({ rating: 'up', comment: null });
      expect(await feedback.find(await addWorkspace(current()), turn.id)).toBeNull();
      expect(await feedback.find(workspaceId, newId('turn'))).toBeNull();
    });

    it('is the receipt for good and the log for a time, dropped in batches', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const ids: string[] = [];
      for (let count = 0; count < 3; count++) {
        const { turn } = await accept(workspaceId, { newConversation: true });
        await store.turns.finish(completed(turn));
        ids.push(turn.id);
      }
      expect(await store.turns.pruneLogs(at, 10)).toBe(0);
      expect(await store.turns.pruneLogs(at + 1, 2)).toBe(2);
      expect(await store.turns.pruneLogs(at + 1, 2)).toBe(1);
      for (const id of ids) expect(await store.turns.findRecord(workspaceId, id)).toEqual({ log: null, receipt: '{}' });
    });

    it('is nobody’s to read once the conversation was deleted, and never another workspace’s', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const { turn } = await accept(workspaceId);
      await store.turns.finish(completed(turn));
      expect(await store.turns.find(await addWorkspace(current()), turn.id)).toBeNull();
      await store.transact(({ conversations }) => conversations.markDeleted(workspaceId, turn.conversationId, at));
      expect(await store.turns.find(workspaceId, turn.id)).toBeNull();
    });
  });

  /** What `acceptTurn` would send. */
  const acceptInput = async (workspaceId: string): Promise<AcceptTurn> => {
    let sent: AcceptTurn | null = null;
    const { store } = current();
    const turns = { ...store.turns, accept: (input: AcceptTurn) => ((sent = input), store.turns.accept(input)) };
    await acceptTurn({ store: { ...store, turns } }, workspaceId, { botId: 'bot_c', newConversation: true });
    return { ...sent!, turnId: newId('turn'), newConversationId: newId('conv') };
  };
};
