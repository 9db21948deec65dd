import { Requests } from '../lists/requests.ts';
import { addSources, type SourceText } from '../quality/knowledge-base.ts';
import type { ModelSpeed } from './measure.ts';

/** A workspace that takes turns: a key of its own and a bot on each of the mock's models. */
export type Place = { key: string; bots: Record<ModelSpeed, string> };

/** The bot's instructions are as long as the system message that a stateless caller sends along. */
const instructions = 'Answer in short sentences and stay polite at all times.';
const scopes = ['chat', 'admin', 'conversations:read'];

/** The plan of every workspace: finite, so that each turn reserves and is counted, and never reached. */
export const plan = {
  messages_per_month: 1_000_000_000,
  requests_per_minute: 1_000_000_000,
  bots: 1_000,
  memory_messages: 20,
  concurrent_streams: 10_000,
};
export const planName = 'bench';

const post = <Answer>(requests: Requests, path: string, body: unknown): Promise<Answer> =>
  requests.send<Answer>({ method: 'POST', path, body });

const addBots = async (requests: Requests, knowledge: readonly SourceText[]): Promise<Place['bots']> => {
  const add = async (speed: ModelSpeed): Promise<string> => {
    const bot = { name: 'Bench', instructions, model: `${speed}/mock-1` };
    const { id } = await post<{ id: string }>(requests, '/v1/bots', bot);
    await addSources((method, path, body) => requests.send({ method, path, body }), id, knowledge);
    return id;
  };
  return { fast: await add('fast'), slow: await add('slow') };
};

/** The first workspace alone, or as many of its clients, each on a plan of its own. */
export const makePlaces = async (
  url: string,
  firstKey: string,
  { count, knowledge }: { count: number; knowledge: readonly SourceText[] },
): Promise<Place[]> => {
  const own = new Requests(url, firstKey);
  const places: Place[] = [];
  try {
    if (count === 1) return [{ key: firstKey, bots: await addBots(own, knowledge) }];
    for (let index = 0; index < count; index++) {
      const client = await post<{ id: string }>(own, '/v1/workspaces', { name: `Client ${index}`, plan: planName });
      const inside = new Requests(url, firstKey, { 'parley-workspace': client.id });
      const bots = await addBots(inside, knowledge);
      const { secret } = await post<{ secret: string }>(inside, '/v1/keys', { name: 'load', scopes });
      await inside.close();
      places.push({ key: secret, bots });
    }
  } finally {
    await own.close();
  }
  return places;
};

/** An endpoint in each workspace; gives what removes them, with the deliveries that still wait. */
export const addEndpoints = async (
  url: string,
  places: readonly Place[],
  receiver: string,
): Promise<() => Promise<void>> => {
  const removals: (() => Promise<void>)[] = [];
  for (const { key } of places) {
    const requests = new Requests(url, key);
    const body = { url: receiver, events: ['turn.completed'] };
    const { id } = await post<{ id: string }>(requests, '/v1/webhook_endpoints', body);
    removals.push(async () => {
      await requests.send({ method: 'DELETE', path: `/v1/webhook_endpoints/${id}` });
      await requests.close();
    });
  }
  return async () => {
    for (const remove of removals) await remove();
  };
};
