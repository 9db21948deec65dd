import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { boot, type BootOptions, type Server } from './boot.ts';
import { type EmbeddingsProvider, startEmbeddingsProvider } from './embeddings-provider.ts';

/** Knowledge that is found by what it means, beside its words. */

let provider: EmbeddingsProvider;
let server: Server;

beforeEach(async () => {
  provider = await startEmbeddingsProvider([['parcel', 'shipment', 'consignment']]);
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

const start = async (env: Record<string, string> = {}, options: BootOptions = {}): Promise<string> => {
  server = await boot({
    ...options,
    env: {
      PARLEY_PROVIDER_LOCAL_URL: provider.url,
      PARLEY_EMBEDDINGS: 'local/e5',
      // a busy machine may take long
      PARLEY_EMBEDDINGS_TIMEOUT_MS: '20000',
      ...env,
    },
  });
  return options.dataDir === undefined ? server.makeBot() : '';
};

type SourceBody = {
  id: string;
  status: string;
  embedding: { status: string; progress: number; error: string | null } | null;
};

const readSource = async (bot: string, id: string): Promise<SourceBody> => {
  const { body } = await server.send('GET', `/v1/bots/${bot}/sources/${id}`);
  return body as SourceBody;
};

const until = async <Value>(look: () => Promise<Value>, done: (value: Value) => boolean): Promise<Value> => {
  for (let tries = 0; ; tries += 1) {
    const value = await look();
    if (done(value)) return value;
    if (tries > 400) throw new Error(`it stays as ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

const embedded = (bot: string, id: string): Promise<SourceBody> =>
  until(
    () => readSource(bot, id),
    ({ embedding }) => embedding?.status === 'ready',
  );

const add = async (bot: string, text: string, title = 'Notes'): Promise<string> => {
  const {
    status,
    body,
    text: answer,
  } = await server.send('POST', `/v1/bots/${bot}/sources`, {
    body: { type: 'text', title, text },
  });
  if (status !== 201 && status !== 202) throw new Error(answer);
  return body.id as string;
};

const search = async (bot: string, query: string): Promise<{ text: string; score: number }[]> => {
  const { body } = await server.send('POST', `/v1/bots/${bot}/search`, { body: { query } });
  return body.data as { text: string; score: number }[];
};

const ask = async (bot: string, message: string) => {
  const { body } = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message } });
  const { body: receipt } = await server.send('GET', `/v1/turns/${body.id as string}/context`);
  return { turn: body, receipt };
};

/** Of a bot: the demo bot of the first start has vectors, too. */
const countRows = async (bot: string, table = 'vectors'): Promise<number> => {
  const [row] = await server.query(`select count(*) as count from ${table} where bot_id = '${bot}'`);
  return Number(row?.['count']);
};

const parcel = 'A parcel takes three days.';

const embeddedWith = (text: string, model = 'e5'): number =>
  provider.calls.filter((call) => call.model === model && call.input.some((input) => input.includes(text))).length;

const filler = [
  'Wool blankets are washed cold.',
  'The shop opens at nine.',
  'Tea is served upstairs.',
  'We repair zips.',
];

describe('with an embedding model', () => {
  it('a passage is found that shares no word with the question, and the receipt says so', async () => {
    const bot = await start();
    const ids = [await add(bot, parcel)];
    for (const text of filler) ids.push(await add(bot, text));
    for (const id of ids) await embedded(bot, id);
    const [first] = await search(bot, 'consignment duration');
    expect(first?.text).toBe(parcel);
    const { receipt } = await ask(bot, 'consignment duration');
    expect(receipt['retrieval']).toEqual({ vectors: 'used' });
  });

  it('the same text costs one embedding, whichever source it stands in and however often it is read', async () => {
    const bot = await start();
    const first = await add(bot, parcel);
    await embedded(bot, first);
    const second = await add(bot, parcel, 'A copy');
    await embedded(bot, second);
    await server.send('POST', `/v1/bots/${bot}/sources/${first}/refresh`);
    await until(
      () => readSource(bot, first),
      ({ status, embedding }) => status === 'ready' && embedding?.status === 'ready',
    );
    expect(embeddedWith(parcel)).toBe(1);
    expect(await countRows(bot)).toBe(1);
  });

  it('a question is embedded once, and not at all for a bot without vectors', async () => {
    const bot = await start();
    await ask(bot, 'Is a shipment there?');
    expect(embeddedWith('shipment')).toBe(0);
    const id = await add(bot, parcel);
    await embedded(bot, id);
    await ask(bot, 'How long does a shipment take?');
    await ask(bot, 'How long does a shipment take?');
    expect(embeddedWith('shipment')).toBe(1);
  });

  it('vectors go with the last source that has their text', async () => {
    const bot = await start();
    const first = await add(bot, parcel);
    const second = await add(bot, 'A parcel takes three days.\n\n# Zips\n\nWe repair zips.');
    await embedded(bot, first);
    await embedded(bot, second);
    await server.send('DELETE', `/v1/bots/${bot}/sources/${second}`);
    await until(
      () => countRows(bot),
      (count) => count === 1,
    );
    expect((await search(bot, 'consignment'))[0]?.text).toBe(parcel);
    await server.send('DELETE', `/v1/bots/${bot}/sources/${first}`);
    await until(
      () => countRows(bot),
      (count) => count === 0,
    );
    expect([await countRows(bot, 'vector_codes'), await countRows(bot, 'source_embeddings')]).toEqual([0, 0]);
    expect(await search(bot, 'consignment')).toEqual([]);
  });

  it('what a source no longer says is not found by its old meaning', async () => {
    const bot = await start();
    const id = await add(bot, parcel);
    for (const text of filler) await embedded(bot, await add(bot, text));
    await embedded(bot, id);
    expect((await search(bot, 'consignment'))[0]?.text).toBe(parcel);
    await server.send('DELETE', `/v1/bots/${bot}/sources/${id}`);
    expect((await search(bot, 'consignment')).map(({ text }) => text)).not.toContain(parcel);
  });
});

describe('where the embedding model fails', () => {
  it('a turn goes on by words, in time, and says so', async () => {
    const bot = await start({ PARLEY_EMBEDDINGS_TIMEOUT_MS: '1500' });
    await embedded(bot, await add(bot, parcel));
    provider.failWith(() => ({ status: 503 }));
    const failed = await ask(bot, 'How many days does a parcel take?');
    expect(failed.receipt['retrieval']).toEqual({ vectors: 'failed' });
    provider.failWith(() => 'silence');
    const late = await ask(bot, 'How long does a parcel take?');
    expect(late.turn['status']).toBe('completed');
    expect(late.receipt['retrieval']).toEqual({ vectors: 'late' });
    expect((failed.receipt['sections'] as { kind: string }[]).map(({ kind }) => kind)).toContain('knowledge');
    expect(JSON.stringify([late, failed])).not.toContain('canary-from-provider');
    expect(JSON.stringify(server.logged)).not.toContain('canary-from-provider');
  });

  it('a source is ready by its words, and its owner is told what is missing without a word of the provider', async () => {
    const bot = await start();
    provider.failWith(() => ({ status: 401 }));
    const id = await add(bot, parcel);
    const source = await until(
      () => readSource(bot, id),
      ({ embedding }) => embedding?.status === 'failed',
    );
    expect(source.status).toBe('ready');
    expect(source.embedding?.error).toContain('found by its words alone');
    expect(JSON.stringify(source)).not.toMatch(/canary|127\.0\.0\.1/);
    expect((await search(bot, 'parcel'))[0]?.text).toBe(parcel);
  });

  it('vectors of another length are not kept, the log says so, and what is there is still found', async () => {
    const bot = await start();
    const other = await server.makeBot();
    for (const text of [parcel, ...filler]) await embedded(bot, await add(bot, text));
    provider.shorten(32);
    const id = await add(bot, 'Lamps are sold on Mondays.');
    const { embedding } = await until(
      () => readSource(bot, id),
      (source) => source.embedding?.status === 'failed',
    );
    expect(embedding?.error).toMatch(/vectors of 32 numbers, where those of this bot have 64,.*another name/);
    expect(await countRows(bot)).toBe(5);
    // the log is told behind the source
    const line = () => server.logged.find((logged) => JSON.stringify(logged).includes('vectors of another length'));
    await expect.poll(line).toMatchObject({ bot_id: bot, source_id: id, stored: 64, given: 32 });
    // a bot that has none takes them
    await embedded(other, await add(other, parcel));
    provider.shorten(64);
    expect((await search(bot, 'consignment duration'))[0]?.text).toBe(parcel);
    const { receipt } = await ask(bot, 'consignment duration');
    expect(receipt['retrieval']).toEqual({ vectors: 'used' });
  });
});

describe('after a start', () => {
  let earlier: Server;
  const stopKeepingData = async (): Promise<string> => {
    earlier = server;
    await server.stop();
    return server.dataDir;
  };
  /** The later server knows the key of the earlier one. */
  const useKey = (): void => {
    server = { ...server, ...apiClient(server.url, earlier.key) };
  };

  it('with another model everything is embedded anew, and vectors of the old one serve nobody', async () => {
    const bot = await start();
    const id = await add(bot, parcel);
    await embedded(bot, id);
    const dataDir = await stopKeepingData();
    provider.failWith(({ model }) => (model === 'e6' ? { status: 503 } : null));
    await start({ PARLEY_EMBEDDINGS: 'local/e6' }, { dataDir });
    useKey();
    expect((await readSource(bot, id)).embedding).toMatchObject({ status: 'queued', progress: 0 });
    // the old vectors are there, and would find it
    expect(await countRows(bot)).toBe(1);
    expect((await search(bot, 'consignment')).map(({ text }) => text)).toEqual([]);
    provider.failWith(null);
    await embedded(bot, id);
    expect(embeddedWith(parcel, 'e6')).toBeGreaterThan(0);
    // a question whose vector comes too late is answered by its words, which find nothing
    await expect.poll(async () => (await search(bot, 'consignment'))[0]?.text).toBe(parcel);
  });

  it('without a model every vector is removed', async () => {
    const bot = await start();
    await embedded(bot, await add(bot, parcel));
    const dataDir = await stopKeepingData();
    server = await boot({ dataDir });
    await until(
      () => countRows(bot),
      (count) => count === 0,
    );
    expect([await countRows(bot, 'vector_codes'), await countRows(bot, 'source_embeddings')]).toEqual([0, 0]);
  });
});
