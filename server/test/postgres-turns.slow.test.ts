import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ParleyError } from '../src/core/error.ts';
import type { Store } from '../src/core/store.ts';
import type { AcceptedTurn, AcceptTurn, QuotaShare, Turn } from '../src/core/turn/turn.ts';
import { periodAt } from '../src/core/usage/period.ts';
import { newId } from '../src/kit/id.ts';
import { PostgresPool } from '../src/store/postgres/connection.ts';
import { turnFunctions } from '../src/store/postgres/make-turn-functions.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { postgresTurnStore } from '../src/store/postgres/turn-store.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { acceptTurn, addWorkspace, at, completed, conversationOf } from './store-suite/store-under-test.ts';

/** Turns on two replicas at once: two stores on one database, each with connections of its own. */

type Accepted = Extract<AcceptedTurn, { kind: 'accepted' }>;

let url: string;
let stores: readonly [Store, Store];
let workspaceId: string;

const lease = { owner: 'node_test', durationMs: 60_000 };
const period = periodAt(at);

beforeAll(async () => {
  url = await createDatabase();
  const open = () => openPostgresStore({ url, poolSize: 6, migrate: false });
  stores = [await open(), await open()];
});

beforeEach(async () => {
  workspaceId = await addWorkspace({ store: stores[0] });
  await addBot('bot_a');
});

afterAll(async () => {
  for (const store of stores) await store.close();
  await dropDatabase(url);
});

/** Makes it once, so that messages at once need not race for that. */
const addBot = async (botId: string, botsWorkspaceId = workspaceId): Promise<void> => {
  const { turn } = acceptedOnly(
    await acceptTurn({ store: stores[0] }, botsWorkspaceId, { botId, ...inTestMode, userId: null }),
  );
  await stores[0].turns.finish({ ...completed(turn), charge: false });
};

const inTestMode = {
  mode: 'test' as const,
  quota: { periodStart: period.start, periodEnd: period.end, shares: [] },
};

/** The store of a replica by any number. */
const replica = (index: number): Store => stores[index % 2 === 0 ? 0 : 1];

const accept = (index: number, change: Partial<AcceptTurn> = {}): Promise<AcceptedTurn> =>
  acceptTurn({ store: replica(index) }, workspaceId, { maxQueued: 1_000, ...change });

const acceptedOnly = (accepted: AcceptedTurn): Accepted => {
  if (accepted.kind !== 'accepted') throw new Error(`the message was ${accepted.kind}`);
  return accepted;
};

const atOnce = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => work(index)));

const fulfilled = <Result>(results: readonly PromiseSettledResult<Result>[]): Result[] =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));

const refusals = (results: readonly PromiseSettledResult<unknown>[]): string[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code: string }).code] : []));

const quotaOf = (...shares: QuotaShare[]): AcceptTurn['quota'] => ({
  periodStart: period.start,
  periodEnd: period.end,
  shares,
});

const share = (ownerId: string, limit: number | null, ownersWorkspaceId = workspaceId): QuotaShare => ({
  workspaceId: ownersWorkspaceId,
  ownerId,
  limit,
  warnAt: null,
});

const counter = (ownerId: string, ownersWorkspaceId = workspaceId) =>
  stores[0].readers.usage.counter(ownersWorkspaceId, ownerId, period.start);

/** Rows of the test's workspace. */
const count = async (table: string, condition = 'true'): Promise<number> => {
  const ours = `workspace_id = '${workspaceId}' and ${condition}`;
  const [row] = await runSql(url, `select count(*)::integer as rows from ${table} where ${ours}`);
  return row?.['rows'] as number;
};

/** Numbers below a limit, by no rule but always the same. */
const numbersFrom = (first: number) => {
  let seed = first;
  return (limit: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
};

const deadlocks = async (): Promise<number> => {
  const [row] = await runSql(
    url,
    'select deadlocks::integer as count from pg_stat_database where datname = current_database()',
  );
  return row?.['count'] as number;
};

describe('a quota', () => {
  it.each([
    { period: 'that nobody has used yet', earlier: 0 },
    { period: 'that has begun', earlier: 1 },
  ])('of 50 grants exactly 50 of 200 messages at once over two replicas, in a period $period', async ({ earlier }) => {
    const quota = quotaOf(share(workspaceId, 50));
    const say = (index: number) => accept(index, { userId: `user-${index}`, quota });
    const results = [...(await atOnce(earlier, say)), ...(await atOnce(200, (index) => say(index + earlier)))];
    expect(fulfilled(results)).toHaveLength(50);
    expect(new Set(refusals(results))).toEqual(new Set(['quota_exceeded']));
    expect(await counter(workspaceId)).toEqual({ used: 0, reserved: 50 });
    expect(await count('turns', "mode = 'live'")).toBe(50);
    expect(await count('conversations', "mode = 'live'")).toBe(50);
    await atOnce(50, (index) => replica(index).turns.finish(completed(fulfilled(results)[index]!.turn)));
    expect(await counter(workspaceId)).toEqual({ used: 50, reserved: 0 });
    expect(await count('quota_ledger')).toBe(50);
  });

  it('is counted in two periods at once where one follows the other, and nobody waits for each other', async () => {
    const next = periodAt(period.end);
    const quotas = [quotaOf(share(workspaceId, 1_000)), { ...quotaOf(share(workspaceId, 1_000)) }];
    Object.assign(quotas[1]!, { periodStart: next.start, periodEnd: next.end });
    for (const quota of quotas) await accept(0, { newConversation: true, quota });
    const turnsAtOnce = 240;
    const rounds = 8;
    const below = numbersFrom(1);
    const before = await deadlocks();
    for (let round = 0; round < rounds; round++) {
      const running = fulfilled(
        await atOnce(turnsAtOnce, async (index) => {
          await setTimeout(below(40));
          return accept(index, { newConversation: true, quota: quotas[below(2)]! });
        }),
      );
      expect(running).toHaveLength(turnsAtOnce);
      const ended = await atOnce(turnsAtOnce, async (index) => {
        await setTimeout(below(40));
        return replica(below(3)).turns.finish(completed(running[index]!.turn));
      });
      expect(refusals(ended)).toEqual([]);
    }
    // servers report what they have counted within a second
    await setTimeout(1_500);
    expect(await deadlocks()).toBe(before);
    const counts = await Promise.all(
      [period.start, next.start].map((start) => stores[0].readers.usage.counter(workspaceId, workspaceId, start)),
    );
    expect(counts.map(({ reserved }) => reserved)).toEqual([1, 1]);
    expect(counts[0]!.used + counts[1]!.used).toBe(rounds * turnsAtOnce);
  });

  it('of each of many workspaces is exact where statements go through several, and nobody waits for each other', async () => {
    const agencies = [await addWorkspace({ store: stores[0] }), await addWorkspace({ store: stores[0] })];
    const clients = await Promise.all(
      Array.from({ length: 15 }, async (_, index) => {
        const id = await addWorkspace({ store: stores[0] });
        await addBot('bot_a', id);
        // every third has nobody above it
        const agency = agencies[index % 3];
        const shares = [...(agency ? [share(agency, 2_500, agency)] : []), share(id, 400, id)];
        return { id, agency, quota: quotaOf(...shares) };
      }),
    );
    const turnsAtOnce = 300;
    const rounds = 8;
    const below = numbersFrom(3);
    const before = await deadlocks();
    const used = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const begun = await atOnce(turnsAtOnce, async (index) => {
        const { id, quota } = clients[below(clients.length)]!;
        await setTimeout(below(40));
        const change = index % 10 === 0 ? { userId: null, ...inTestMode } : { newConversation: true, quota };
        return acceptedOnly(await acceptTurn({ store: replica(below(2)) }, id, { maxQueued: 1_000, ...change }));
      });
      expect(refusals(begun)).toEqual([]);
      const ended = await atOnce(turnsAtOnce, async (index) => {
        const { turn } = fulfilled(begun)[index]!;
        await setTimeout(below(40));
        await replica(below(2)).turns.finish({ ...completed(turn), charge: turn.mode === 'live' });
        for (const owner of turn.quotaOwners) used.set(owner.ownerId, (used.get(owner.ownerId) ?? 0) + 1);
      });
      expect(refusals(ended)).toEqual([]);
    }
    // servers report what they have counted within a second
    await setTimeout(1_500);
    expect(await deadlocks()).toBe(before);
    expect(used.size).toBe(clients.length + agencies.length);
    for (const [owner, turns] of used) expect(await counter(owner, owner)).toEqual({ used: turns, reserved: 0 });
  });

  it('of a tree is held in all of its nodes or in none, whichever is the tightest', async () => {
    const agencyId = await addWorkspace({ store: stores[0] });
    await addBot('bot_b');
    const limits = { agency: 40, client: 60, bot: 25, user: 10 };
    // 2 bots with 3 users each: the users' limits would let 60 pass, the bots' 50, the agency's lets 40
    const results = await atOnce(120, (index) => {
      const botId = index % 4 < 2 ? 'bot_a' : 'bot_b';
      const userId = `user-${index % 3}`;
      const quota = quotaOf(
        share(agencyId, limits.agency, agencyId),
        share(workspaceId, limits.client),
        share(botId, limits.bot),
        share(`user:${botId}-${userId}`, limits.user),
      );
      return accept(index, { botId, userId, quota, newConversation: true });
    });
    const granted = fulfilled(results);
    expect(granted).toHaveLength(40);
    expect(new Set(refusals(results))).toEqual(new Set(['quota_exceeded']));
    const held = new Map<string, number>();
    for (const { turn } of granted) {
      for (const { ownerId } of turn.quotaOwners) held.set(ownerId, (held.get(ownerId) ?? 0) + 1);
    }
    const rows = await runSql(
      url,
      `select owner_id, reserved::integer, used::integer from quota_periods
      where workspace_id in ('${workspaceId}', '${agencyId}')`,
    );
    expect(rows.filter(({ reserved }) => reserved !== 0)).toHaveLength(held.size);
    for (const { owner_id: ownerId, reserved, used } of rows) {
      expect([ownerId, reserved, used]).toEqual([ownerId, held.get(ownerId as string) ?? 0, 0]);
    }
    await atOnce(granted.length, (index) => replica(index).turns.finish(completed(granted[index]!.turn)));
    expect(await counter(agencyId, agencyId)).toEqual({ used: 40, reserved: 0 });
    expect(await count('quota_ledger')).toBe(3 * 40);
  });

  it('lets messages of other users pass where one user has nothing left', async () => {
    const first = quotaOf(share(workspaceId, null), share('user:first', 1));
    const second = quotaOf(share(workspaceId, null), share('user:second', 100));
    await accept(0, { quota: second, newConversation: true });
    const results = await atOnce(40, (index) =>
      accept(0, { quota: index % 2 === 0 ? first : second, newConversation: true }),
    );
    expect(fulfilled(results)).toHaveLength(21);
    expect(refusals(results)).toEqual(Array.from({ length: 19 }, () => 'quota_exceeded'));
    expect(await counter('user:first')).toEqual({ used: 0, reserved: 1 });
    expect(await counter(workspaceId)).toEqual({ used: 0, reserved: 22 });
  });
});

describe('messages at once', () => {
  it('of a new user begin one conversation, and wait in it', async () => {
    const results = fulfilled(await atOnce(50, (index) => accept(index, { userId: 'somebody' }))).map(acceptedOnly);
    expect(results).toHaveLength(50);
    expect(new Set(results.map(({ turn }) => turn.conversationId)).size).toBe(1);
    expect(results.filter(({ claimed }) => claimed !== null)).toHaveLength(1);
    const places = results.map(({ turn }) => turn.seqBase).toSorted((one, other) => one - other);
    expect(places).toEqual(Array.from({ length: 50 }, (_, index) => 1 + 16 * index));
    expect(await count('conversations', "user_id = 'somebody'")).toBe(1);
    expect(await counter(workspaceId)).toEqual({ used: 0, reserved: 50 });
  });

  it('in test mode, where no counter keeps them apart, begin one conversation', async () => {
    const results = fulfilled(await atOnce(50, (index) => accept(index, { userId: 'somebody', ...inTestMode })));
    expect(new Set(results.map(({ turn }) => turn.conversationId)).size).toBe(1);
    expect(results).toHaveLength(50);
  });

  it('with one Idempotency-Key make one turn', async () => {
    const idempotency = { route: 'chat', key: 'k', fingerprint: 'f', expiresAt: at + 1_000 };
    for (const change of [{ newConversation: true }, { userId: 'somebody' }, { userId: 'a', ...inTestMode }]) {
      const key = { ...idempotency, key: JSON.stringify(change) };
      const results = fulfilled(await atOnce(50, (index) => accept(index, { ...change, idempotency: key })));
      expect(results).toHaveLength(50);
      expect(new Set(results.map(({ turn }) => turn.id)).size).toBe(1);
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    }
    expect(await count('turns', "principal = 'key:test'")).toBe(3 + 1);
    expect(await counter(workspaceId)).toEqual({ used: 0, reserved: 2 });
  });

  it('with one expired Idempotency-Key make one new turn', async () => {
    const idempotency = { route: 'chat', key: 'k', fingerprint: 'f', expiresAt: at + 1_000 };
    const old = await accept(0, { idempotency, newConversation: true });
    const again = { ...idempotency, fingerprint: 'other', expiresAt: at + 9_000 };
    const results = fulfilled(
      await atOnce(20, (index) => accept(index, { idempotency: again, newConversation: true, at: at + 2_000 })),
    );
    expect(results).toHaveLength(20);
    expect(new Set(results.map(({ turn }) => turn.id)).size).toBe(1);
    expect(results[0]?.turn.id).not.toBe(old.turn.id);
  });

  it('fail no neighbour that shares their statement', async () => {
    const message = { id: newId('msg'), text: 'Hello', tokens: 1, metadata: {} };
    await accept(0, { message });
    const results = await atOnce(20, (index) =>
      accept(0, { newConversation: true, ...(index === 7 ? { message } : {}) }),
    );
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
      Array.from({ length: 20 }, (_, index) => index !== 7),
    );
    expect(await counter(workspaceId)).toEqual({ used: 0, reserved: 20 });
  });

  it('wait for nobody who holds the conversation of a neighbour', async () => {
    const turns = fulfilled(await atOnce(2, (index) => accept(0, { userId: `user-${index}` }))).map(({ turn }) => turn);
    await atOnce(2, (index) => stores[0].turns.finish(completed(turns[index]!)));
    const holder = new PostgresPool({ url, size: 1 });
    try {
      const held = await holder.transaction(async (session) => {
        const values = [workspaceId, turns[0]!.conversationId];
        await session.run(null, 'select 1 from conversations where workspace_id = $1 and id = $2 for update', values);
        const waits = accept(0, { userId: 'user-0' });
        const goesOn = accept(0, { userId: 'user-1' });
        expect(acceptedOnly(await goesOn).turn.conversationId).toBe(turns[1]!.conversationId);
        return { waits };
      });
      expect(acceptedOnly(await held.waits).turn.conversationId).toBe(turns[0]!.conversationId);
    } finally {
      await holder.close();
    }
  });

  it('are stored whole beside one with characters that PostgreSQL does not take', async () => {
    await accept(0);
    const strange = { id: newId('msg'), text: 'a\0b\ud800c', tokens: 1, metadata: { '\0': '\ud800' } };
    const results = await atOnce(5, (index) =>
      accept(0, { newConversation: true, ...(index === 2 ? { message: strange, context: strange.metadata } : {}) }),
    );
    expect(fulfilled(results)).toHaveLength(5);
    const [row] = await runSql(url, `select text, metadata from messages where id = '${strange.id}'`);
    expect(row).toEqual({ text: 'a\uFFFDb\uFFFDc', metadata: JSON.stringify(strange.metadata) });
  });
});

describe('a message that comes while a turn ends', () => {
  it('starts at once or is started by that end, and sees what was said', async () => {
    const rounds = 60;
    const running = fulfilled(await atOnce(rounds, (index) => accept(index, { userId: `user-${index}` })));
    expect(running).toHaveLength(rounds);
    const meet = async (index: number): Promise<void> => {
      const end = { ...completed(running[index]!.turn), lease, historyLimit: 10 };
      // in every order, and as close to each other as chance has it
      const [finished, second] = await Promise.all([
        setTimeout((index * 7) % 60).then(() => replica(index).turns.finish(end)),
        setTimeout((index * 3) % 11).then(() => accept(index + 1, { userId: `user-${index}`, historyLimit: 10 })),
      ]);
      const { claimed, turn } = acceptedOnly(second);
      const next = finished?.next ?? null;
      expect([claimed?.turn.id, next?.turn.id].filter((id) => id !== undefined)).toEqual([turn.id]);
      expect((claimed ?? next)?.history.map(({ text }) => text)).toEqual(['Hello', 'Good day.']);
    };
    for (let first = 0; first < rounds; first += 3) await Promise.all([0, 1, 2].map((more) => meet(first + more)));
    expect(await count('turns', "status = 'queued'")).toBe(0);
    expect(await count('turns', "status = 'running'")).toBe(rounds);
  });

  describe('behind the moment whose rows a statement sees, and before it has locked any', () => {
    /** Any number that nobody else uses. */
    const gate = 7;

    /** Their functions, in which the look that locks a conversation waits for the gate once its snapshot is taken. */
    const gated = turnFunctions.map(({ name, definition }) => {
      const look = /\bfrom conversations(?= join turns|\n)/;
      if (!look.test(definition)) throw new Error('there is no place for the gate');
      const behindGate = `from (select pg_advisory_xact_lock(${gate})) gate, conversations`;
      return { name, definition: definition.replace(look, behindGate).replaceAll(name, `gated_${name}`) };
    });

    class GatedPool extends PostgresPool {
      override query: PostgresPool['query'] = (_name, text, values) => {
        const called = gated.find(({ name }) => text.includes(name));
        if (!called) throw new Error('there is no place for the gate');
        return super.query(null, text.replace(called.name, `gated_${called.name}`), values);
      };
    }

    /** Does `late` on the gated store, and `meanwhile` while its statement is held up. */
    const cross = async <Late, Other>(
      late: (store: Store) => Promise<Late>,
      meanwhile: () => Promise<Other>,
    ): Promise<[Late, Other]> => {
      const keeper = new PostgresPool({ url, size: 1 });
      const pool = new GatedPool({ url, size: 2 });
      try {
        for (const { definition } of gated) await keeper.run(null, definition, []);
        const { ending, other } = await keeper.transaction(async (session) => {
          await session.query(null, `select pg_advisory_xact_lock(${gate})`, []);
          const begun = late({ ...stores[0], turns: postgresTurnStore(pool) });
          const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`;
          await expect.poll(() => runSql(url, waiting)).toHaveLength(1);
          return { ending: begun, other: await meanwhile() };
        });
        return [await ending, other];
      } finally {
        await pool.close();
        await keeper.close();
      }
    };

    it.each([{ onBusy: 'queue' as const }, { onBusy: 'merge' as const }, { onBusy: 'interrupt' as const }])(
      'one is started by the end that did not see it (on_busy: $onBusy)',
      async ({ onBusy }) => {
        const first = acceptedOnly(await accept(0, { userId: 'somebody' })).turn;
        const [finished, second] = await cross(
          ({ turns }) => turns.finish({ ...completed(first), lease, historyLimit: 10 }),
          async () => acceptedOnly(await accept(1, { userId: 'somebody', onBusy })),
        );
        expect(second.claimed).toBeNull();
        expect(finished?.next?.turn).toMatchObject({ id: second.turn.id, status: 'running', fence: 2 });
        expect(finished?.next?.history.map(({ text }) => text)).toEqual(['Hello', 'Good day.']);
        expect(await count('conversations', `active_turn_id = '${second.turn.id}'`)).toBe(1);
        expect(await counter(workspaceId)).toEqual({ used: 1, reserved: 1 });
      },
    );

    it('one waits for the turn that was begun meanwhile, and is started by its end', async () => {
      const earlier = acceptedOnly(await accept(0, { userId: 'somebody' })).turn;
      await stores[0].turns.finish(completed(earlier));
      const [late, first] = await cross(
        async (store) => acceptedOnly(await acceptTurn({ store }, workspaceId, { userId: 'somebody' })),
        async () => acceptedOnly(await accept(1, { userId: 'somebody' })),
      );
      expect([first.claimed?.turn.id, late.claimed]).toEqual([first.turn.id, null]);
      const finished = await stores[1].turns.finish({ ...completed(first.turn), lease });
      expect(finished?.next?.turn.id).toBe(late.turn.id);
    });

    it('several are started by one end after the other', async () => {
      const first = acceptedOnly(await accept(0, { userId: 'somebody' })).turn;
      const [ended, both] = await cross(
        ({ turns }) => turns.finish({ ...completed(first), lease }),
        async () =>
          [await accept(0, { userId: 'somebody' }), await accept(1, { userId: 'somebody' })].map(acceptedOnly),
      );
      const next = ended?.next;
      expect(next?.turn.id).toBe(both[0]?.turn.id);
      const last = await stores[1].turns.finish({ ...completed(next!.turn), lease });
      expect(last?.next?.turn.id).toBe(both[1]?.turn.id);
    });
  });

  it('is not lost where it is cancelled as it is started', async () => {
    const rounds = 40;
    const first = fulfilled(await atOnce(rounds, (index) => accept(index, { userId: `user-${index}` })));
    const second = fulfilled(await atOnce(rounds, (index) => accept(index, { userId: `user-${index}` })));
    const results = await atOnce(rounds, async (index) => {
      const turnId = second[index]!.turn.id;
      const stop = { workspaceId, turnId, request: 'cancel' as const, log: '[1]', at };
      const [finished, stopped] = await Promise.all([
        setTimeout(index % 7).then(() => replica(index).turns.finish({ ...completed(first[index]!.turn), lease })),
        setTimeout((index * 3) % 11).then(() => replica(index + 1).turns.requestStop(stop)),
      ]);
      expect(stopped?.kind).toBe(finished?.next ? 'requested' : 'ended');
    });
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await count('turns', "status = 'queued'")).toBe(0);
    expect(
      (await count('conversations', "mode = 'live' and active_turn_id is null")) +
        (await count('turns', "status = 'running'")),
    ).toBe(rounds);
  });
});

it('a conversation that is deleted holds its user no sooner than the counters, as turns do', async () => {
  const userId = 'user-of-two';
  const quota = quotaOf(share(workspaceId, null));
  const { turn } = acceptedOnly(await accept(0, { userId, quota }));
  const spot = { conversationId: turn.conversationId, messageId: 'msg_a', seq: 1, confidence: 1 };
  await stores[0].transact(({ memories }) =>
    memories.saveFacts(
      { workspaceId, mode: 'live', userId },
      {
        facts: [{ id: 'fact_a', name: 'city', value: 'Batumi', origin: 'said', at, source: spot }],
        removed: [],
      },
    ),
  );
  const pool = new PostgresPool({ url, size: 1 });
  let deleted: Promise<string[]> | undefined;
  try {
    await pool.transaction(async (session) => {
      const counterOf = 'select 1 from quota_periods where workspace_id = $1 for update';
      await session.query(null, counterOf, [workspaceId]);
      deleted ??= stores[1].transact(({ conversations }) =>
        conversations.markDeleted(workspaceId, turn.conversationId, at),
      );
      await expect
        .poll(() =>
          runSql(url, "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"),
        )
        .toHaveLength(1);
      for (const table of ['users', 'current_conversations']) {
        const own = `select 1 from ${table} where workspace_id = $1 and user_id = $2 for update nowait`;
        expect(await session.query(null, own, [workspaceId, userId])).toHaveLength(1);
      }
    });
  } finally {
    await pool.close();
  }
  expect(await deleted).toEqual([turn.id]);
  expect(await stores[0].transact(({ memories }) => memories.findFacts({ workspaceId, mode: 'live', userId }))).toEqual(
    {
      facts: [],
      removed: [],
    },
  );
});

describe('abandoned turns', () => {
  it.each([
    { whose: 'runs ahead', wrongMs: 86_400_000 },
    { whose: 'is behind', wrongMs: -86_400_000 },
  ])('are known by the clock of the database where that of a replica $whose', async ({ wrongMs }) => {
    await runSql(url, "update turns set status = 'failed' where status in ('queued', 'running')");
    const wrong = Date.now() + wrongMs;
    await atOnce(2, (index) => accept(index, { userId: `user-${index}`, at: wrong, lease }));
    const seconds = `(lease_until - extract(epoch from now()) * 1000) / 1000 between ${lease.durationMs / 2000} and ${lease.durationMs / 1000}`;
    expect(await count('turns', `status = 'running' and ${seconds}`)).toBe(2);
    const look = { lease, soleOwner: false, except: [], historyLimit: 5, limit: 20, at: wrong };
    expect(await replica(1).turns.takeOver({ ...look, at: Date.now() + 86_400_000 })).toEqual([]);
    await runSql(url, 'update turns set lease_until = 1 where lease_until is not null');
    expect(await replica(1).turns.takeOver(look)).toHaveLength(2);
    expect(await count('turns', `status = 'running' and ${seconds}`)).toBe(2);
  });

  it('are taken over by one of the replicas that look for them', async () => {
    await runSql(url, "update turns set status = 'failed' where status in ('queued', 'running')");
    await atOnce(30, (index) => accept(index, { userId: `user-${index}` }));
    await runSql(url, 'update turns set lease_until = 1 where lease_until is not null');
    const taken = await Promise.all(
      [0, 1, 0, 1].map((index) =>
        replica(index).turns.takeOver({
          lease,
          soleOwner: false,
          except: [],
          historyLimit: 5,
          limit: 20,
          at,
        }),
      ),
    );
    const ids = taken.flat().map(({ claimed }) => claimed.turn.id);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
    expect(taken.flat().every(({ claimed }) => claimed.turn.fence === 2 && claimed.messages.length === 1)).toBe(true);
  });
});

describe('everything at once', () => {
  it('leaves counters that are the sums of the ledger, and no turn behind', async () => {
    const shares = [share(workspaceId, 100_000), share('bot_a', 100_000)];
    const end = async (index: number, turn: Turn): Promise<void> => {
      const charge = index % 3 !== 0;
      const how = charge ? {} : { status: 'failed' as const, charge, reply: null };
      const finished = await replica(index).turns.finish({ ...completed(turn), ...how, lease });
      if (finished?.next) await end(index + 1, finished.next.turn);
    };
    const deleted = new Set<string>();
    const results = await atOnce(300, async (index) => {
      const userId = `user-${index % 12}`;
      const quota = quotaOf(...shares, share(`user:${userId}`, 100_000));
      const onBusy = (['queue', 'merge', 'interrupt'] as const)[index % 3] ?? 'queue';
      const accepted = await accept(index, { userId, quota, onBusy });
      const { turn } = accepted;
      if (accepted.kind !== 'accepted') return;
      const place = { workspaceId, turnId: turn.id, fence: turn.fence };
      if (accepted.claimed) {
        await replica(index).turns.keepPartial({ ...place, text: 'Half', receipt: '[]', lease, at });
        if (index % 5 === 0) await replica(index + 1).turns.renew([place], lease, at);
        const remove = () => {
          deleted.add(turn.conversationId);
          return replica(index + 1).transact(({ conversations }) =>
            conversations.markDeleted(workspaceId, turn.conversationId, at),
          );
        };
        await Promise.all([end(index, turn), ...(index % 13 === 0 ? [remove()] : [])]);
      } else if (index % 7 === 0) {
        await replica(index + 1).turns.requestStop({ ...place, request: 'cancel', log: '[1]', at });
      } else if (index % 11 === 0) {
        const appended = replica(index).transact(({ conversations }) =>
          conversations.appendMessages(workspaceId, turn.conversationId, [
            { ...conversationMessage(turn.conversationId), id: newId('msg') },
          ]),
        );
        // another of the crowd may have deleted it in between, and then it is rightly not found
        await appended.catch((error: unknown) => {
          if (!(error instanceof ParleyError && error.code === 'not_found' && deleted.has(turn.conversationId))) {
            throw error;
          }
        });
      }
    });
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await count('turns', "status in ('queued', 'running')")).toBe(0);
    expect(await count('conversations', 'active_turn_id is not null')).toBe(0);
    const rows = await runSql(
      url,
      `select owner_id, reserved::integer, used::integer, (select coalesce(sum(messages), 0)::integer from quota_ledger
        where quota_ledger.workspace_id = quota_periods.workspace_id and quota_ledger.owner_id = quota_periods.owner_id)
        as charged from quota_periods where workspace_id = '${workspaceId}'`,
    );
    expect(rows).toHaveLength(14);
    for (const { reserved, used, charged } of rows) expect([reserved, used]).toEqual([0, charged]);
    const [ledger] = await runSql(
      url,
      `select count(distinct turn_id)::integer as turns from quota_ledger where workspace_id = '${workspaceId}'`,
    );
    expect(ledger?.['turns']).toBe((await counter(workspaceId)).used);
  });
});

const conversationMessage = (conversationId: string) => ({
  workspaceId,
  conversationId: conversationOf(workspaceId, { id: conversationId }).id,
  turnId: null,
  role: 'human' as const,
  parts: [{ type: 'text' as const, text: 'One moment.' }],
  tokens: 1,
  metadata: {},
  citations: [],
  createdAt: at,
});

describe('the common turn', () => {
  /** Counts what is sent: statements on any connection, and transactions of several. */
  class CountingPool extends PostgresPool {
    statements = 0;
    transactions = 0;
    override query: PostgresPool['query'] = (...query) => {
      this.statements += 1;
      return super.query(...query);
    };
    override transaction: PostgresPool['transaction'] = (...work) => {
      this.transactions += 1;
      return super.transaction(...work);
    };
  }

  it('is two statements, and those of one tick share them', async () => {
    const pool = new CountingPool({ url, size: 4 });
    const store: Store = { ...stores[0], turns: postgresTurnStore(pool) };
    const sent = async (work: () => Promise<unknown>) => {
      const before = { statements: pool.statements, transactions: pool.transactions };
      await work();
      return [pool.statements - before.statements, pool.transactions - before.transactions];
    };
    const quota = quotaOf(share(workspaceId, 1_000), share('bot_a', 900));
    const say = async (userId: string, change: Partial<AcceptTurn> = {}) => {
      const key = { route: 'chat', key: newId('req'), fingerprint: 'f', expiresAt: at + 1_000 };
      const greeting = { id: newId('msg'), text: 'Welcome.', tokens: 1 };
      const sending = { userId, quota, idempotency: key, historyLimit: 20, greeting, ...change };
      return acceptedOnly(await acceptTurn({ store }, workspaceId, sending)).turn;
    };
    try {
      // the first message of the period is the exception
      const first = await say('user-1');
      await store.turns.finish(completed(first));
      let turn = first;
      const begin = async () => (turn = await say('user-2'));
      expect(await sent(begin)).toEqual([1, 0]);
      expect(await sent(() => store.turns.finish({ ...completed(turn), lease }))).toEqual([1, 0]);
      expect(await sent(async () => (turn = await say('user-2')))).toEqual([1, 0]);
      expect(await sent(() => store.turns.finish(completed(turn)))).toEqual([1, 0]);
      const { conversationId } = turn;
      expect(await sent(async () => (turn = await say('user-2', { conversationId })))).toEqual([1, 0]);
      await store.turns.finish(completed(turn));
      let turns: Turn[] = [];
      const sayMany = async () => {
        turns = await Promise.all(Array.from({ length: 40 }, (_, index) => say(`user-${index}`)));
      };
      await sayMany();
      await Promise.all(turns.map((each) => store.turns.finish(completed(each))));
      expect((await sent(sayMany))[1]).toBe(0);
      expect(await sent(() => Promise.all(turns.map((each) => store.turns.finish(completed(each)))))).toEqual([1, 0]);
    } finally {
      await pool.close();
    }
  });
});
