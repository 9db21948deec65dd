import { setMaxListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { check } from './check.ts';
import type { Violation } from './evidence.ts';
import { runClient, type Tenant } from './client.ts';
import type { Attempt, Operation } from './history.ts';
import type { Installation } from './installation.ts';
import { seededRandom } from './random.ts';
import { watchQuotas } from './watch-quotas.ts';
import { countOpenTurns, countUndelivered, letClaimsRunOut, readState } from './stored-state.ts';
import { addWebhook, makeTenants } from './tenants.ts';

/** Clients that never stop asking, whatever is done to the servers; and what is found afterwards. */

const clients = 8;
/** Of the clients, those of the tenant with a small share. */
const clientsOfSecond = 3;
/** For the turns and deliveries that were left: much longer than a lease. */
const quietMs = 90_000;
/** An operation that has not ended by then, with nothing that disturbs it, is stuck; many leases and replies long. */
const patienceMs = 60_000;
const lookEveryMs = 100;
/** Sockets that a server may hold when nobody asks it for anything: its listener, its database's connections, and a few. */
const idleSockets = 24;

export type Load = {
  tenants: readonly [Tenant, Tenant];
  history: Operation[];
  attempts: Attempt[];
  /** Lets clients end what they have begun, waits until it is quiet, and compares. The servers must run. */
  finish(options: { faults: number }): Promise<Violation[]>;
};

/**
 * The first server must have been started, with `firstOutput`. `url`: where the next request goes. `watchQuotas`: false
 * where the database cannot be opened beside the server, as on a volume that is taken away.
 */
export const startLoad = async (
  installation: Installation,
  options: { seed: number; firstOutput: string; url?: () => string; padding?: number; watchQuotas?: boolean },
): Promise<Load> => {
  const { servers, webhooks } = installation;
  const first = servers[0]?.url ?? '';
  const tenants = await makeTenants(first, options.firstOutput);
  await addWebhook(first, tenants[0], webhooks.origin);
  const random = seededRandom(options.seed);
  const url = options.url ?? (() => servers[Math.floor(random() * servers.length)]?.url ?? first);
  const history: Operation[] = [];
  const attempts: Attempt[] = [];
  const quotas = options.watchQuotas === false ? null : watchQuotas(installation.query);
  let stopped = false;
  const patience = new AbortController();
  // of every request that is under way
  setMaxListeners(0, patience.signal);
  const running = Array.from({ length: clients }, (_, index) =>
    runClient({
      tenant: index < clientsOfSecond ? tenants[1] : tenants[0],
      userId: `user-${options.seed}-${index}`,
      url,
      random: seededRandom(options.seed * 1_000 + index),
      history,
      attempts,
      padding: options.padding ?? 0,
      stopped: () => stopped,
      patience: patience.signal,
    }),
  );
  return {
    tenants,
    history,
    attempts,
    async finish({ faults }) {
      stopped = true;
      const timer = globalThis.setTimeout(() => patience.abort(), patienceMs);
      await Promise.all(running);
      clearTimeout(timer);
      const violations = [...((await quotas?.stop()) ?? []), ...(await waitForQuiet(installation))];
      const state = await readState(installation.query);
      violations.push(
        ...(await check({ ...installation, history, state, tenants, url: first, faults })),
        ...(await waitForBaseline(installation)),
      );
      return violations;
    },
  };
};

const waitForQuiet = async ({ query }: Installation): Promise<Violation[]> => {
  await letClaimsRunOut(query);
  const giveUpAt = performance.now() + quietMs;
  for (;;) {
    const [turns, events] = [await countOpenTurns(query), await countUndelivered(query)];
    if (turns === 0 && events === 0) return [];
    if (performance.now() > giveUpAt) {
      return [{ invariant: 'L', what: `${turns} turns and ${events} events wait for ever` }];
    }
    await setTimeout(lookEveryMs);
  }
};

/** I10: what a server held for its callers is given back. */
const waitForBaseline = async ({ servers }: Installation): Promise<Violation[]> => {
  const giveUpAt = performance.now() + quietMs;
  for (;;) {
    const open = servers.filter(({ running }) => running).map(({ pid }) => [pid, countSockets(pid)] as const);
    const over = open.filter(([, sockets]) => sockets > idleSockets);
    if (over.length === 0) return [];
    if (performance.now() > giveUpAt) {
      return over.map(([pid, sockets]) => ({ invariant: 'I10', what: `process ${pid} holds ${sockets} connections` }));
    }
    await setTimeout(lookEveryMs);
  }
};

const countSockets = (pid: number): number => {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => isSocket(join(folder, name))).length;
};

const isSocket = (path: string): boolean => {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    // closed since the folder was read
    return false;
  }
};
