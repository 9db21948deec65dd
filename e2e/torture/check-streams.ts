import type { Evidence, Violation } from './evidence.ts';
import type { Tenant } from './client.ts';
import type { Operation, SeenStream, SeenTurn } from './history.ts';
import { readEvents } from './read-events.ts';

/** I2 and I7: what clients saw, held to what the API says afterwards. */
export const checkStreams = async ({ history, tenants, url }: Evidence): Promise<Violation[]> => {
  const keys = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const violations: Violation[] = [];
  for (const operation of history) {
    const tenant = keys.get(operation.tenant);
    const [turnId] = operation.turnIds;
    if (!tenant || turnId === undefined) continue;
    violations.push(...(await checkTurn(url, tenant, { operation, turnId })));
  }
  return violations;
};

const checkTurn = async (
  url: string,
  { key }: Tenant,
  { operation, turnId }: { operation: Operation; turnId: string },
): Promise<Violation[]> => {
  const headers = { authorization: `Bearer ${key}` };
  // the turn as its end told it: a rating is no part of that
  const { feedback: _feedback, ...now } = (await (
    await fetch(`${url}/v1/turns/${turnId}`, { headers })
  ).json()) as SeenTurn & { feedback: unknown };
  const violations: Violation[] = [];
  for (const seen of operation.ended) {
    if (JSON.stringify(seen) !== JSON.stringify(now)) {
      violations.push({ invariant: 'I2', what: `${turnId} was ${JSON.stringify(seen)} and is ${JSON.stringify(now)}` });
    }
  }
  if (operation.streams.length === 0) return violations;
  const replay: SeenStream = { turnId: null, after: null, events: [] };
  await readEvents(await fetch(`${url}/v1/turns/${turnId}/stream`, { headers }), replay);
  return [...violations, ...checkEvents(turnId, [...operation.streams, replay]), ...checkText(turnId, replay, now)];
};

export const checkEvents = (turnId: string, streams: readonly SeenStream[]): Violation[] => {
  const violations: Violation[] = [];
  const wrong = (what: string): void => void violations.push({ invariant: 'I7', what: `${turnId}: ${what}` });
  const known = new Map<string, string>();
  for (const { after, events } of streams) {
    let last = after === null ? null : placeOf(after);
    for (const { id, event, data } of events) {
      const place = placeOf(id);
      const follows =
        last === null
          ? place.n <= 1
          : place.attempt === last.attempt
            ? // the terminal event is sent to everybody, also to who has seen it
              place.n === last.n + 1 || (place.n === last.n && event.startsWith('turn.'))
            : place.attempt > last.attempt && place.n <= 1;
      if (!follows) wrong(`${id} follows ${last ? `${last.attempt}-${last.n}` : 'nothing'}`);
      last = place;
      const content = `${event} ${data}`;
      if ((known.get(id) ?? content) !== content) wrong(`${id} was ${known.get(id)} and is ${content}`);
      known.set(id, content);
    }
  }
  return violations;
};

/** The pieces of the last attempt are the reply. */
const checkText = (turnId: string, { events }: SeenStream, now: SeenTurn): Violation[] => {
  const text = events
    .filter(({ event }) => event === 'reply.delta')
    .map(({ data }) => (JSON.parse(data) as { text: string }).text)
    .join('');
  const content = now.reply?.content ?? '';
  return text === content ? [] : [{ invariant: 'I2', what: `${turnId} streams ${text} and holds ${content}` }];
};

const placeOf = (id: string): { attempt: number; n: number } => {
  const [attempt = 0, n = 0] = id.split('-').map(Number);
  return { attempt, n };
};
