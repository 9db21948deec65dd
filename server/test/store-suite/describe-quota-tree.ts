import { describe, expect, it } from 'vitest';
import type { AcceptTurn, FinishTurn, QuotaShare } from '../../src/core/turn/turn.ts';
import { describeThreshold } from '../../src/core/usage/describe-threshold.ts';
import { periodAt } from '../../src/core/usage/period.ts';
import { userOwnerId } from '../../src/core/usage/quota-owner.ts';
import { isId, newId } from '../../src/kit/id.ts';
import { acceptTurn, addWorkspace, at, completed, type CurrentStore, firstPage } from './store-under-test.ts';

const { start: periodStart, end: periodEnd } = periodAt(at);

export const describeQuotaTree = (current: CurrentStore): void => {
  describe('a quota tree', () => {
    /** Agency, client, bot and user, with the limits given; all without one unless told otherwise. */
    const makeTree = async (limits: Partial<Record<'agency' | 'client' | 'bot' | 'user', number>>, warnAt?: number) => {
      const agency = await addWorkspace(current());
      const client = await addWorkspace(current());
      const share = (workspaceId: string, ownerId: string, limit: number | undefined): QuotaShare => ({
        workspaceId,
        ownerId,
        limit: limit ?? null,
        warnAt: warnAt ?? null,
      });
      const shares = [
        share(agency, agency, limits.agency),
        share(client, client, limits.client),
        share(client, 'bot_a', limits.bot),
        share(client, userOwnerId('ümit "the" user'), limits.user),
      ];
      return { agency, client, shares };
    };
    type Tree = Awaited<ReturnType<typeof makeTree>>;
    const accept = async ({ client, shares }: Tree, change: Partial<AcceptTurn> = {}) => {
      const quota = { periodStart, periodEnd, shares };
      const accepted = await acceptTurn(current(), client, { newConversation: true, quota, ...change });
      if (accepted.kind !== 'accepted') throw new Error(`the message was ${accepted.kind}`);
      return accepted;
    };
    const counters = ({ shares }: Tree) =>
      Promise.all(
        shares.map(async ({ workspaceId, ownerId }) => {
          const { used, reserved } = await current().store.readers.usage.counter(workspaceId, ownerId, periodStart);
          return [used, reserved];
        }),
      );
    const charges = ({ shares }: Tree) =>
      Promise.all(
        shares.map(async ({ workspaceId, ownerId }) => {
          const page = { ...firstPage, limit: 100 };
          const { items } = await current().store.readers.usage.ledger(workspaceId, { ownerId, botIds: null }, page);
          return items.reduce((sum, entry) => sum + entry.messages, 0);
        }),
      );

    it('counts a message on every node of its path, each in its own workspace', async () => {
      const tree = await makeTree({});
      const { turn } = await accept(tree);
      expect(await counters(tree)).toEqual([
        [0, 1],
        [0, 1],
        [0, 1],
        [0, 1],
      ]);
      const owners = tree.shares.map(({ workspaceId, ownerId }) => ({ workspaceId, ownerId }));
      expect(turn.quotaOwners).toEqual(owners);
      expect((await current().store.turns.find(tree.client, turn.id))?.turn.quotaOwners).toEqual(owners);
      await current().store.turns.finish(completed(turn));
      expect(await counters(tree)).toEqual([
        [1, 0],
        [1, 0],
        [1, 0],
        [1, 0],
      ]);
      expect(await charges(tree)).toEqual([1, 1, 1, 1]);
    });

    it.each([
      ['agency', 'workspace', 'shares with others'],
      ['client', 'client', '2 of 2 messages used;'],
      ['bot', 'bot', 'by this bot'],
      ['user', 'user', 'by this user'],
    ] as const)(
      'is held at the limit of its %s, and what is refused leaves no reservation',
      async (node, param, says) => {
        const tree = await makeTree({ [node]: 2 });
        const results = await Promise.allSettled(Array.from({ length: 9 }, () => accept(tree)));
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
        expect(await counters(tree)).toEqual([
          [0, 2],
          [0, 2],
          [0, 2],
          [0, 2],
        ]);
        const refused = accept(tree);
        await expect(refused).rejects.toMatchObject({ code: 'quota_exceeded', param });
        await expect(refused).rejects.toThrow(says);
      },
    );

    it('gives back on every node what was not charged', async () => {
      const tree = await makeTree({ agency: 1 });
      const { turn } = await accept(tree);
      await current().store.turns.finish({ ...completed(turn), status: 'failed', reply: null, charge: false });
      expect(await counters(tree)).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      expect(await charges(tree)).toEqual([0, 0, 0, 0]);
    });

    it('settles on every node when the conversation is deleted: what was written is charged', async () => {
      const tree = await makeTree({});
      const { turn } = await accept(tree);
      const { turns, transact } = current().store;
      const { id: turnId, workspaceId, fence } = turn;
      const lease = { owner: 'node_test', durationMs: 60_000 };
      await turns.keepPartial({ workspaceId, turnId, fence, text: 'half', receipt: null, lease, at });
      const waiting = await accept(tree, { conversationId: turn.conversationId, newConversation: false });
      expect(waiting.claimed).toBeNull();
      await transact(({ conversations }) => conversations.markDeleted(workspaceId, turn.conversationId, at));
      expect(await counters(tree)).toEqual([
        [1, 0],
        [1, 0],
        [1, 0],
        [1, 0],
      ]);
      expect(await charges(tree)).toEqual([1, 1, 1, 1]);
    });

    it('counts messages that come together each once, and tells each what it left', async () => {
      const tree = await makeTree({ client: 40 });
      // the first of a period makes the counters
      await accept(tree);
      const accepted = await Promise.all(Array.from({ length: 12 }, () => accept(tree)));
      const reserved = accepted.map(({ quota }) => quota?.reserved ?? 0).toSorted((one, other) => one - other);
      expect(reserved).toEqual(Array.from({ length: 12 }, (_, index) => index + 2));
      expect(await counters(tree)).toEqual(tree.shares.map(() => [0, 13]));
      await Promise.all(
        accepted.map(({ turn }, index) =>
          current().store.turns.finish({ ...completed(turn), charge: index % 3 !== 0, status: 'failed' }),
        ),
      );
      expect(await counters(tree)).toEqual(tree.shares.map(() => [8, 1]));
      expect(await charges(tree)).toEqual([8, 8, 8, 8]);
    });

    it('takes nothing for messages that are refused or passed over among others', async () => {
      const tree = await makeTree({ client: 40 });
      const { turn } = await accept(tree);
      const { conversationId } = turn;
      const busy = { conversationId, newConversation: false };
      const results = await Promise.allSettled([
        accept(tree),
        accept(tree, { ...busy, onBusy: 'reject' }),
        accept(tree),
        accept(tree),
        accept(tree, { ...busy, onBusy: 'queue' }),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
        'fulfilled',
      ]);
      expect(await counters(tree)).toEqual(tree.shares.map(() => [0, 5]));
    });

    it('is shared by paths of several lengths', async () => {
      const tree = await makeTree({ client: 40 });
      await accept(tree);
      const short = { ...tree, shares: tree.shares.slice(1, 2) };
      const accepted = await Promise.all([accept(short), accept(tree), accept(short), accept(tree)]);
      expect(await counters(tree)).toEqual([
        [0, 3],
        [0, 5],
        [0, 3],
        [0, 3],
      ]);
      await Promise.all(accepted.map(({ turn }) => current().store.turns.finish(completed(turn))));
      expect(await counters(tree)).toEqual([
        [2, 1],
        [4, 1],
        [2, 1],
        [2, 1],
      ]);
    });

    describe('without a reservation that a turn holds', () => {
      /** How a turn may end, each by statements of its own. */
      const ends = {
        'by itself': async (_tree, { turn }) => {
          expect(await current().store.turns.finish(completed(turn))).not.toBeNull();
        },
        'beside others': async (tree, { turn }) => {
          const other = await accept({ ...tree, shares: tree.shares.slice(1, 2) });
          const ended = await Promise.all(
            [turn, other.turn].map((one) => current().store.turns.finish(completed(one))),
          );
          expect(ended.every((one) => one !== null)).toBe(true);
        },
        'with its conversation': async (_tree, { turn }) => {
          const { id: turnId, workspaceId, fence } = turn;
          const lease = { owner: 'node_test', durationMs: 60_000 };
          const { turns, transact } = current().store;
          await turns.keepPartial({ workspaceId, turnId, fence, text: 'half', receipt: null, lease, at });
          await transact(({ conversations }) => conversations.markDeleted(workspaceId, turn.conversationId, at));
        },
      } satisfies Record<string, (tree: Tree, accepted: Awaited<ReturnType<typeof accept>>) => Promise<void>>;
      const takeAway = ({ client }: Tree, owner: string) =>
        current().run(`delete from quota_periods where workspace_id = '${client}' and owner_id like '${owner}%'`);
      const rows = async () => (await current().countRows())['quota_periods'];

      it.each(Object.entries(ends))('tells nothing of a user who was erased, where it ends %s', async (_, end) => {
        const tree = await makeTree({});
        const accepted = await accept(tree);
        await takeAway(tree, 'user:');
        const before = await rows();
        await end(tree, accepted);
        expect(await rows()).toBe(before);
        expect((await counters(tree)).map(([, reserved]) => reserved)).toEqual([0, 0, 0, 0]);
        expect((await counters(tree))[3]).toEqual([0, 0]);
        expect((await charges(tree))[3]).toBe(0);
        expect((await charges(tree))[0]).toBe(1);
      });

      it.each(Object.entries(ends))(
        'takes no more back from one who came back than they hold, where it ends %s',
        async (_, end) => {
          const tree = await makeTree({});
          const accepted = await accept(tree);
          await takeAway(tree, 'user:');
          const back = await accept(tree);
          await end(tree, accepted);
          expect(await current().store.turns.finish(completed(back.turn))).not.toBeNull();
          const [used, reserved] = (await counters(tree))[3] ?? [];
          expect([used, reserved]).toEqual([1, 0]);
          expect((await charges(tree))[3]).toBe(1);
        },
      );

      it.each(Object.entries(ends))('charges a bot all the same, where it ends %s', async (_, end) => {
        const tree = await makeTree({});
        const accepted = await accept(tree);
        await takeAway(tree, 'bot_a');
        await end(tree, accepted);
        expect((await counters(tree))[2]).toEqual([1, 0]);
        expect((await charges(tree))[2]).toBe(1);
        // and where the counter is there, and holds nothing for it
        const next = await accept(tree);
        await current().run(`update quota_periods set reserved = 0 where owner_id = 'bot_a'`);
        await end(tree, next);
        expect((await counters(tree))[2]).toEqual([2, 0]);
        expect((await charges(tree))[2]).toBe(2);
      });

      it('gives nothing back where a waiting turn is cancelled', async () => {
        const tree = await makeTree({});
        const { turn } = await accept(tree);
        const waiting = await accept(tree, { conversationId: turn.conversationId, newConversation: false });
        await takeAway(tree, 'user:');
        const { id: turnId, workspaceId } = waiting.turn;
        await current().store.turns.requestStop({ workspaceId, turnId, request: 'cancel', log: '[1]', at });
        expect((await counters(tree)).map(([, reserved]) => reserved)).toEqual([1, 1, 1, 0]);
      });
    });

    it('tells what its own workspace has least of, and nothing of the agency', async () => {
      const tree = await makeTree({ agency: 3, client: 10, bot: 5 });
      expect((await accept(tree)).quota).toEqual({ used: 0, reserved: 1, limit: 5 });
      const onlyAgency = await makeTree({ agency: 3 });
      expect((await accept(onlyAgency)).quota).toBeNull();
    });

    describe('with a warning at 2 and a limit of 3', () => {
      const listen = (workspaceId: string) =>
        current().run(`insert into webhook_endpoints (workspace_id, id, url, events, status, created_at)
          values ('${workspaceId}', '${newId('evt')}', 'https://example.com', '[]', 'enabled', 1)`);
      const told = async () => (await current().countRows())['outbox'];
      const chat = async (tree: Tree) => {
        const { turn } = await accept(tree, { conversationId: null });
        await current().store.turns.finish(completed(turn));
      };

      it('says once that each was reached, to the workspace of the node, with the charge itself', async () => {
        const tree = await makeTree({ agency: 3 }, 2);
        tree.shares.splice(1);
        await listen(tree.agency);
        const counts: (number | undefined)[] = [];
        for (let count = 0; count < 3; count++) {
          await chat(tree);
          counts.push(await told());
        }
        // the client's own events have nobody who listens
        expect(counts).toEqual([0, 1, 2]);
        await expect(accept(tree)).rejects.toMatchObject({ code: 'quota_exceeded' });
        expect(await told()).toBe(2);
      });

      it('says once that each was reached where turns that end together cross both', async () => {
        const tree = await makeTree({ agency: 3 }, 2);
        tree.shares.splice(1);
        await listen(tree.agency);
        await accept(tree, { botId: 'bot_a' }).then(({ turn }) =>
          current().store.turns.finish({ ...completed(turn), status: 'failed', reply: null, charge: false }),
        );
        const accepted = await Promise.all(Array.from({ length: 3 }, () => accept(tree)));
        await Promise.all(accepted.map(({ turn }) => current().store.turns.finish(completed(turn))));
        expect(await told()).toBe(2);
        expect((await counters(tree))[0]).toEqual([3, 0]);
      });

      /** What the events tell once all is over, as [reached, used, month]. */
      const tell = async () => {
        const { store } = current();
        const events = await store.events.take({ leaseMs: 1_000, limit: 10 });
        const thresholds = await Promise.all(
          events
            .filter(({ type }) => type === 'usage.threshold')
            .map(({ workspaceId, subjectId: ownerId, id: eventId, createdAt }) =>
              describeThreshold(store.readers, { workspaceId, ownerId, eventId, at: createdAt }),
            ),
        );
        expect(events.every(({ id }) => isId('evt', id))).toBe(true);
        return thresholds
          .map((threshold) => threshold && ([threshold.reached, threshold.used, threshold.period.start] as const))
          .toSorted((one, other) => String(one).localeCompare(String(other)));
      };
      const earlier = periodAt(periodStart - 1);
      /** Accepted in the month before that in which all of them end. */
      const acceptEarlier = (tree: Tree, change: Partial<AcceptTurn> = {}) =>
        accept(tree, {
          quota: { periodStart: earlier.start, periodEnd: earlier.end, shares: tree.shares },
          ...change,
        });
      const finish = ({ turn }: Awaited<ReturnType<typeof accept>>, change: Partial<FinishTurn> = {}) =>
        current().store.turns.finish({ ...completed(turn), ...change });
      const endWithConversation = async ({ turn }: Awaited<ReturnType<typeof accept>>) => {
        const { id: turnId, workspaceId, fence } = turn;
        const lease = { owner: 'node_test', durationMs: 60_000 };
        const { turns, transact } = current().store;
        await turns.keepPartial({ workspaceId, turnId, fence, text: 'half', receipt: null, lease, at });
        await transact(({ conversations }) => conversations.markDeleted(workspaceId, turn.conversationId, at));
      };
      const listenedTo = async (warnAt = 2) => {
        const tree = await makeTree({ agency: 3 }, warnAt);
        tree.shares.splice(1);
        await listen(tree.agency);
        return tree;
      };

      it('tells which was reached, however much later it is told', async () => {
        const tree = await listenedTo();
        for (let count = 0; count < 3; count++) await chat(tree);
        expect(await tell()).toEqual([
          ['limit', 3, periodStart],
          ['warn_at', 3, periodStart],
        ]);
      });

      it('tells which was reached by turns that ended together, in the month in which they were accepted', async () => {
        const tree = await listenedTo();
        await finish(await acceptEarlier(tree), { charge: false });
        const accepted = await Promise.all(Array.from({ length: 3 }, () => acceptEarlier(tree)));
        await Promise.all(accepted.map((one) => finish(one)));
        expect(await tell()).toEqual([
          ['limit', 3, earlier.start],
          ['warn_at', 3, earlier.start],
        ]);
      });

      it('tells which was reached by a turn that others wait behind, in the month in which it was accepted', async () => {
        const tree = await listenedTo(1);
        const first = await acceptEarlier(tree);
        await acceptEarlier(tree, { conversationId: first.turn.conversationId, newConversation: false });
        await finish(first);
        expect(await tell()).toEqual([['warn_at', 1, earlier.start]]);
      });

      it('tells which was reached by turns that ended with their conversations, in the same way', async () => {
        const tree = await listenedTo();
        for (let count = 0; count < 3; count++) await endWithConversation(await acceptEarlier(tree));
        expect(await tell()).toEqual([
          ['limit', 3, earlier.start],
          ['warn_at', 3, earlier.start],
        ]);
      });

      it.each([
        ['by themselves', (accepted) => finish(accepted)],
        ['with their conversations', endWithConversation],
      ] satisfies [string, (accepted: Awaited<ReturnType<typeof accept>>) => Promise<unknown>][])(
        'tells of the limit alone where the warning is at the limit, of turns that end %s',
        async (_, end) => {
          const tree = await listenedTo(3);
          for (let count = 0; count < 3; count++) await end(await accept(tree));
          expect(await tell()).toEqual([['limit', 3, periodStart]]);
        },
      );

      it('describes the node as it stands', async () => {
        const tree = await makeTree({ client: 3 }, 2);
        await chat(tree);
        await chat(tree);
        const { readers } = current().store;
        // an event of an earlier version, whose id does not say what was reached
        const event = {
          workspaceId: tree.client,
          ownerId: tree.shares[3]?.ownerId ?? '',
          eventId: 'evt_01h455vb4pex5vsknk084sn02q',
          at,
        };
        expect(await describeThreshold(readers, event)).toEqual({
          owner: { type: 'user', id: 'ümit "the" user' },
          period: { start: periodStart, end: periodEnd },
          reached: 'warn_at',
          used: 2,
          reserved: 0,
          limit: null,
          warnAt: 2,
        });
        await chat(tree);
        expect(await describeThreshold(readers, { ...event, ownerId: tree.client })).toMatchObject({
          owner: { type: 'workspace', id: tree.client },
          reached: 'limit',
          used: 3,
          limit: 3,
        });
        expect(await describeThreshold(readers, { ...event, ownerId: 'bot_other' })).toBeNull();
      });
    });
  });
};
