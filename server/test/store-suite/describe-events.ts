import { beforeEach, describe, expect, it } from 'vitest';
import type { FinishedTurn, FinishTurn, Turn } from '../../src/core/turn/turn.ts';
import { loadSubject } from '../../src/core/webhook/load-subject.ts';
import type { HeldEvent } from '../../src/core/webhook/outbox.ts';
import { type ClaimedDelivery, pendingDelivery } from '../../src/core/webhook/webhook-delivery.ts';
import { presentWebhookEvent } from '../../src/http/present/webhook.ts';
import { newId } from '../../src/kit/id.ts';
import { acceptTurn, addWorkspace, at, completed, type CurrentStore } from './store-under-test.ts';

const heldMs = 10_000;
const maxPending = 3;

export const describeEvents = (current: CurrentStore): void => {
  describe('the outbox', () => {
    describeOutbox(current);
  });
};

const describeOutbox = (current: CurrentStore): void => {
  let workspaceId: string;
  let endpointId: string;
  let users = 0;

  const addEndpoint = async (change: { of?: string; status?: 'enabled' | 'disabled' } = {}): Promise<string> => {
    const id = newId('hook');
    await current().store.transact((writers) =>
      writers.webhookEndpoints.insert({
        id,
        workspaceId: change.of ?? workspaceId,
        url: 'https://example.com/',
        events: ['turn.completed'],
        description: '',
        status: change.status ?? 'enabled',
        disabledReason: null,
        failingSince: null,
        createdAt: at,
        updatedAt: at,
      }),
    );
    return id;
  };

  beforeEach(async () => {
    workspaceId = await addWorkspace(current());
    endpointId = await addEndpoint();
  });

  /** A turn of somebody new; that its conversation has begun is told to nobody. */
  const beginTurn = async (of = workspaceId): Promise<Turn> => {
    users += 1;
    const { turn } = await acceptTurn(current(), of, { userId: `user-${users}` });
    const begun = await take(at);
    await settle(begun.map((event) => ({ event, deliveries: [] })));
    return turn;
  };

  /** A turn that ends while this process holds what is told of it. */
  const endTurn = async (of = workspaceId): Promise<FinishedTurn & { event: HeldEvent }> => {
    const { store } = current();
    const turn = await beginTurn(of);
    const finished = await store.turns.finish({ ...completed(turn), eventHeldMs: heldMs });
    if (!finished?.event) throw new Error('nothing is told');
    return { ...finished, event: finished.event };
  };

  /** What becomes of an event, and how it is written. */
  const delivery = (event: HeldEvent, change: Partial<ClaimedDelivery> = {}): ClaimedDelivery => {
    const { id: eventId, type, subjectId, createdAt: eventAt } = event;
    const of = { workspaceId: event.workspaceId, endpointId, eventId, type, subjectId, eventAt };
    return { ...pendingDelivery(of, at), fence: 0, ...change };
  };

  const delivered: Partial<ClaimedDelivery> = {
    status: 'delivered',
    attempts: 1,
    fence: 1,
    nextAttemptAt: null,
    lastAttempt: { at: at + 1, responseStatus: 204, durationMs: 3, error: null },
    endedAt: at + 1,
  };

  const settle = (events: { event: HeldEvent; deliveries: ClaimedDelivery[] }[]): Promise<void> =>
    current().store.events.settle(events, { maxPending, at });

  const take = async (moment: number, limit = 10): Promise<HeldEvent[]> => {
    await current().setClock(moment);
    return current().store.events.take({ leaseMs: heldMs, limit });
  };

  const listed = async () => {
    const page = { limit: 100, after: null, before: null };
    const of = { workspaceId, endpointId };
    return (await current().store.readers.webhookDeliveries.list(of, { status: null, type: null }, page)).items;
  };

  describe('an event that T2 tells of', () => {
    it('is held by whoever ended the turn, and anybody’s once that is over', async () => {
      const { event, result } = await endTurn();
      expect(event).toMatchObject({ workspaceId, type: 'turn.completed', subjectId: result.turn.id });
      expect(event.heldUntil).toBe(event.createdAt + heldMs);
      expect(await take(event.heldUntil - 1)).toEqual([]);
      const later = event.heldUntil + 1;
      expect(await take(later)).toEqual([{ ...event, heldUntil: later + heldMs }]);
      expect(await take(later)).toEqual([]);
    });

    it('is anybody’s at once where nobody holds it, and is not written where nobody listens', async () => {
      const { store } = current();
      expect(await store.turns.finish(completed(await beginTurn()))).toMatchObject({ event: null });
      const [told] = await take(at);
      await settle([{ event: told!, deliveries: [] }]);
      const silent = await addWorkspace(current());
      const finished = await store.turns.finish({ ...completed(await beginTurn(silent)), eventHeldMs: heldMs });
      expect(finished).toMatchObject({ event: null });
      expect(await take(at + 2 * heldMs)).toEqual([]);
    });

    it('is written too where a turn is cancelled while it waits, once however often that is asked for', async () => {
      const { store } = current();
      const running = await beginTurn();
      const waiting = await acceptTurn(current(), workspaceId, {
        conversationId: running.conversationId,
        userId: null,
      });
      const stop = () =>
        store.turns.requestStop({
          workspaceId,
          turnId: waiting.turn.id,
          request: 'cancel',
          log: '[1,"q"]',
          at: at + 1,
        });
      for (const stopped of [await stop(), await stop()]) expect(stopped).toMatchObject({ kind: 'ended' });
      expect(await take(at + 1)).toEqual([
        expect.objectContaining({
          workspaceId,
          type: 'turn.completed',
          subjectId: waiting.turn.id,
          createdAt: at + 1,
        }),
      ]);
    });

    it('is told from memory in the bytes in which it is told from the store', async () => {
      const { store } = current();
      const citation = { index: 1, sourceId: 'src_1', title: 'Père “Noël”', url: null, quote: 'a\nb', score: 0.25 };
      const reply = { id: newId('msg'), text: 'Ça va — «oui» 🙂 </script>', tokens: 3, citations: [citation] };
      const changes: Partial<FinishTurn>[] = [
        { reply },
        { reply: null, status: 'failed', finishReason: 'error', errorCode: 'model_error', charge: false },
        { reply: { ...reply, id: newId('msg'), citations: [] }, status: 'cancelled', finishReason: 'cancelled' },
      ];
      for (const change of changes) {
        const own = await beginTurn();
        const finished = await store.turns.finish({ ...completed(own), ...change, eventHeldMs: heldMs });
        const about = { type: finished!.event!.type, workspaceId };
        const { mode } = finished!.result.turn;
        const subject = { kind: 'turn', turn: finished!.result } as const;
        const loaded = await loadSubject(
          { ...store.readers, turns: store.turns },
          { ...about, subjectId: own.id, eventId: finished!.event!.id, eventAt: at },
        );
        expect(presentWebhookEvent({ ...about, at, mode, subject })).toBe(
          presentWebhookEvent({ ...about, at, ...loaded! }),
        );
      }
    });
  });

  describe('events that are settled', () => {
    it('leave the outbox as their deliveries come, many at once and of several workspaces', async () => {
      const elsewhere = await addWorkspace(current());
      await addEndpoint({ of: elsewhere });
      const events = [await endTurn(), await endTurn(), await endTurn(elsewhere)].map(({ event }) => event);
      await settle([
        { event: events[0]!, deliveries: [delivery(events[0]!, delivered)] },
        { event: events[1]!, deliveries: [] },
        { event: events[2]!, deliveries: [delivery(events[2]!, delivered)] },
      ]);
      const { fence: _fence, ...written } = delivery(events[0]!, delivered);
      expect(await listed()).toEqual([{ ...written, id: expect.any(String) }]);
      expect((await current().countRows())['webhook_deliveries']).toBe(2);
      expect((await current().countRows())['outbox']).toBe(0);
    });

    it('write nothing where they are in other hands by now, or gone', async () => {
      const { event } = await endTurn();
      const [taken] = await take(event.heldUntil);
      await settle([{ event, deliveries: [delivery(event, delivered)] }]);
      expect(await listed()).toEqual([]);
      await settle([{ event: taken!, deliveries: [delivery(taken!, delivered)] }]);
      await settle([{ event: taken!, deliveries: [delivery(taken!, delivered)] }]);
      expect(await listed()).toHaveLength(1);
    });

    it('are attempted by others where they were claimed and never noted', async () => {
      const { event } = await endTurn();
      const claimed = delivery(event, { attempts: 1, fence: 1, nextAttemptAt: at + 20 });
      await settle([{ event, deliveries: [claimed] }]);
      const claim = async (moment: number) => {
        await current().setClock(moment);
        return current().store.transact((writers) =>
          writers.webhookDeliveries.claim({ leaseMs: 20, limit: 5, perEndpoint: 5, running: new Map() }),
        );
      };
      expect((await claim(at + 19)).deliveries).toEqual([]);
      expect((await claim(at + 20)).deliveries).toMatchObject([{ id: claimed.id, attempts: 2, fence: 2 }]);
    });

    it('are counted while they wait, with the age of the oldest event', async () => {
      const backlog = async () => (await current().store.readers.backlog.read()).webhooks;
      expect(await backlog()).toEqual({ events: 0, deliveries: 0, oldestMs: null });
      const [first, second, third] = [await endTurn(), await endTurn(), await endTurn()];
      expect(await backlog()).toMatchObject({ events: 3, deliveries: 0 });
      const ended = delivery(second.event, delivered);
      await settle([
        { event: first.event, deliveries: [delivery(first.event)] },
        { event: second.event, deliveries: [ended] },
      ]);
      const { oldestMs, ...left } = await backlog();
      expect(left).toEqual({ events: 1, deliveries: 1 });
      expect(third.event.createdAt).toBeGreaterThanOrEqual(first.event.createdAt);
      expect(oldestMs).not.toBeNull();
    });

    it('are dropped where too much waits, and those that were attempted are not', async () => {
      const events: HeldEvent[] = [];
      for (let count = 0; count < 6; count += 1) events.push((await endTurn()).event);
      await settle(events.slice(0, 2).map((event) => ({ event, deliveries: [delivery(event)] })));
      await settle([
        ...events.slice(2, 5).map((event) => ({ event, deliveries: [delivery(event)] })),
        { event: events[5]!, deliveries: [delivery(events[5]!, { attempts: 1, fence: 1 })] },
      ]);
      const statuses = new Map(
        (await listed()).map(({ eventId, status, lastAttempt }) => [eventId, { status, lastAttempt }]),
      );
      expect(events.map(({ id }) => statuses.get(id)?.status)).toEqual([
        'pending',
        'pending',
        'pending',
        'dropped',
        'dropped',
        'pending',
      ]);
      expect(statuses.get(events[3]!.id)?.lastAttempt).toMatchObject({ error: 'queue_full' });
    });

    it('are due at once where they were given up, unless somebody else has them', async () => {
      const [first, second] = [await endTurn(), await endTurn()];
      const [taken] = await take(first.event.heldUntil, 1);
      await current().setClock(at);
      await current().store.events.release([first.event, second.event]);
      const other = [first, second].find(({ event }) => event.id !== taken!.id)!;
      expect((await take(at)).map(({ id }) => id)).toEqual([other.event.id]);
    });
  });

  describe('where events go', () => {
    const addSecret = async (value: string, expiresAt: number | null): Promise<void> => {
      const secret = { id: newId('secret'), workspaceId, purpose: 'webhook_secret', subjectId: endpointId } as const;
      await current().store.transact((writers) =>
        writers.encryptedSecrets.insert({ ...secret, lastFour: value.slice(-4), createdAt: at, expiresAt }, value),
      );
    };

    it('are the enabled endpoints of the workspaces that are asked for, with the secrets that are good', async () => {
      await addEndpoint({ status: 'disabled' });
      const elsewhere = await addWorkspace(current());
      const other = await addEndpoint({ of: elsewhere });
      await addEndpoint({ of: await addWorkspace(current()) });
      await addSecret('oldest', null);
      await addSecret('older', at + 1);
      await addSecret('over', at);
      await addSecret('newest', null);
      for (let read = 0; read < 2; read += 1) {
        const found = await current().store.events.destinations([workspaceId, elsewhere], at);
        expect([...found.keys()].toSorted()).toEqual([workspaceId, elsewhere].toSorted());
        expect(found.get(workspaceId)).toMatchObject([
          { endpoint: { id: endpointId, events: ['turn.completed'] }, secrets: ['newest', 'older'] },
        ]);
        expect(found.get(elsewhere)).toMatchObject([{ endpoint: { id: other }, secrets: [] }]);
      }
    });

    it('depends on whether what they are about is still there', async () => {
      const { store } = current();
      const [kept, gone] = [await endTurn(), await endTurn()];
      const places = [gone, kept].map(({ result: { turn } }) => ({ workspaceId, conversationId: turn.conversationId }));
      await store.transact((writers) =>
        writers.conversations.markDeleted(workspaceId, gone.result.turn.conversationId, at),
      );
      expect(await store.events.areKept(places)).toEqual([false, true]);
      expect(await store.events.areKept([{ workspaceId, conversationId: 'conv_none' }])).toEqual([false]);
    });
  });
};
