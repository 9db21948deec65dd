import { setTimeout } from 'node:timers/promises';
import { type Attempt, isAcknowledged, type Operation, type SeenStream, type SeenTurn } from './history.ts';
import { between } from './random.ts';
import { isTerminal, readEvents } from './read-events.ts';

/** One caller: sends a message, waits for its reply, and comes back for it whatever happens to the server. */

/** From one try to the next; servers take longer to start. */
const retryPauseMs = 100;
/** Of operations, those that are not asked for again where no answer came. */
const abandonedShare = 0.15;
/** Those that two calls at once are made of. */
const burstShare = 0.15;

export type Tenant = { name: string; key: string; botId: string };

export type ClientOptions = {
  tenant: Tenant;
  userId: string;
  /** Where to send the next request; it may differ each time. */
  url: () => string;
  random: () => number;
  history: Operation[];
  attempts: Attempt[];
  /** Characters that each message has beside its name. */
  padding: number;
  /** True once no more is to be begun; what was begun is still brought to its end. */
  stopped: () => boolean;
  /** Aborted once what has not come to an end counts as stuck. */
  patience: AbortSignal;
};

export const runClient = async (options: ClientOptions): Promise<void> => {
  for (let order = 0; !options.stopped(); order += 1) {
    const burst = options.random() < burstShare ? 2 : 1;
    const operations = Array.from({ length: burst }, (_, index) => begin(options, { order, index }));
    options.history.push(...operations);
    await Promise.all(operations.map((operation) => bringToItsEnd(options, operation)));
    // whoever has used up a quota asks on, and is not all that the server has to do
    if (operations.some(({ outcome }) => outcome === 'refused')) await setTimeout(retryPauseMs);
  }
};

/** Asks once with a message of its own, and says how it was taken. */
export const probe = async (options: ClientOptions, order: number): Promise<Operation> => {
  const operation = begin(options, { order, index: 0 });
  options.history.push(operation);
  const said = await attempt(options, operation).catch(() => null);
  if (isAcknowledged(operation)) operation.outcome = 'acknowledged';
  else operation.outcome = said === null ? 'unknown' : 'refused';
  return operation;
};

const begin = (
  { tenant, userId, random, padding }: ClientOptions,
  place: { order: number; index: number },
): Operation => {
  const name = `${userId}-${place.order}-${place.index}`;
  return {
    tenant: tenant.name,
    userId,
    key: `key-${name}`,
    text: `Message ${name} canary-${tenant.name}${padding > 0 ? ` ${'-'.repeat(padding)}` : ''}`,
    way: random() < 0.6 ? 'stream' : 'json',
    order: place.order,
    turnIds: new Set(),
    ended: [],
    streams: [],
    refusals: [],
    broken: 0,
    outcome: 'open',
  };
};

const bringToItsEnd = async (options: ClientOptions, operation: Operation): Promise<void> => {
  const isAbandoned = options.random() < abandonedShare;
  while (!options.patience.aborted) {
    const broken = operation.broken;
    const said = await attempt(options, operation).catch(() => {
      operation.broken += 1;
      return 'again' as const;
    });
    if (said === 'done') {
      operation.outcome = isAcknowledged(operation) ? 'acknowledged' : 'refused';
      return;
    }
    if (isAbandoned && operation.broken > broken) {
      operation.outcome = isAcknowledged(operation) ? 'acknowledged' : 'unknown';
      return;
    }
    await setTimeout(between(options.random, retryPauseMs / 2, retryPauseMs));
  }
};

/** One request, noted with its server. */
const attempt = async (options: ClientOptions, operation: Operation): Promise<'done' | 'again'> => {
  const url = options.url();
  const [startedAt, broken, refusals] = [performance.now(), operation.broken, operation.refusals.length];
  let failure: string | null = 'no answer';
  try {
    const said = await send({ ...options, url: () => url }, operation);
    const refusal = operation.refusals.slice(refusals).find((code) => passing.has(code));
    failure = operation.broken > broken ? 'broken off' : (refusal ?? null);
    return said;
  } finally {
    options.attempts.push({ url, startedAt, endedAt: performance.now(), failure });
  }
};

const send = async (options: ClientOptions, operation: Operation): Promise<'done' | 'again'> => {
  const last = operation.streams.findLast(({ turnId }) => turnId !== null);
  if (last?.turnId) return resume(options, operation, { ...last, turnId: last.turnId });
  const { tenant } = options;
  const response = await fetch(`${options.url()}/v1/chat`, {
    method: 'POST',
    signal: options.patience,
    headers: { ...headersOf(tenant), 'idempotency-key': operation.key },
    body: JSON.stringify({
      bot_id: tenant.botId,
      user_id: operation.userId,
      message: operation.text,
      stream: operation.way === 'stream',
    }),
  });
  const named = response.headers.get('parley-turn-id');
  if (named !== null) operation.turnIds.add(named);
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return readTurn(operation, response, { turnId: named, after: null });
  }
  const body = (await response.json()) as SeenTurn & { error?: { code: string } };
  if (response.ok) {
    operation.turnIds.add(body.id);
    // a JSON call that waited too long is told of the turn as it stands
    if (response.status === 202) return 'again';
    operation.ended.push(body);
    return 'done';
  }
  return refused(operation, body.error?.code ?? String(response.status));
};

/** Codes behind which a later try may succeed. */
const passing = new Set(['overloaded', 'storage_unavailable', 'rate_limited', 'too_many_queued', 'too_many_streams']);

const refused = (operation: Operation, code: string): 'done' | 'again' => {
  operation.refusals.push(code);
  return passing.has(code) ? 'again' : 'done';
};

const resume = async (
  options: ClientOptions,
  operation: Operation,
  last: SeenStream & { turnId: string },
): Promise<'done' | 'again'> => {
  const after = last.events.at(-1)?.id ?? last.after;
  const query = after === null ? '' : `?after=${after}`;
  const response = await fetch(`${options.url()}/v1/turns/${last.turnId}/stream${query}`, {
    headers: headersOf(options.tenant),
    signal: options.patience,
  });
  if (response.ok) return readTurn(operation, response, { turnId: last.turnId, after });
  const { error } = (await response.json()) as { error?: { code: string } };
  return refused(operation, error?.code ?? String(response.status));
};

const readTurn = async (
  operation: Operation,
  response: Response,
  place: { turnId: string | null; after: string | null },
): Promise<'done' | 'again'> => {
  const seen: SeenStream = { ...place, events: [] };
  operation.streams.push(seen);
  await readEvents(response, seen);
  if (seen.turnId !== null) operation.turnIds.add(seen.turnId);
  const last = seen.events.at(-1);
  if (!last || !isTerminal(last.event)) {
    operation.broken += 1;
    return 'again';
  }
  operation.ended.push(JSON.parse(last.data) as SeenTurn);
  return 'done';
};

const headersOf = ({ key }: Tenant): Record<string, string> => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
});
