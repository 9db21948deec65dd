import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot } from './boot.ts';
import { type Operation, operationsOf, readDescription } from './fuzz/operation.ts';
import { type IdField, idFieldsOf } from './matrix/id-fields.ts';
import { type Caller, callersOf } from './matrix/principals.ts';
import { type Row, rows } from './matrix/rows.ts';
import { makeTenant, type Tenant } from './matrix/tenant.ts';

/**
 * Two tenants × every kind of caller × every operation of the API description × every field that takes an id: what belongs
 * to somebody else must be told from what does not exist by nothing.
 */
const server = await boot();
const description = await readDescription(server.url);
const operations = operationsOf(description);
const rowOf = (operation: Operation): Row => rows[operation.operationId] ?? {};

let own: Tenant;
let other: Tenant;
let callers: Caller[];
let compared = 0;

beforeAll(async () => {
  own = await makeTenant(server, 'Ours');
  other = await makeTenant(server, 'Theirs');
  callers = await callersOf(server, own);
}, 60_000);
afterAll(async () => {
  await server.close();
});

type Ids = Readonly<Record<string, string>>;
type Told = { status: number; body: string };

/** Sends an operation with the tenant's own ids, but for those in `instead`. */
const call = async (
  operation: Operation,
  caller: Pick<Caller, 'headers' | 'isPage'>,
  tenant: Tenant,
  instead: Partial<Changes> = {},
) => {
  const row = caller.isPage ? { ...rowOf(operation), ...rowOf(operation).ofPages } : rowOf(operation);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(instead.path?.[name] ?? tenant.ids[name] ?? missing(name)),
  );
  const query = new URLSearchParams({ ...row.query?.(tenant), ...instead.query });
  const body = row.body && JSON.stringify({ ...row.body(tenant), ...instead.body });
  const response = await fetch(`${server.url}${path}${query.size > 0 ? `?${query.toString()}` : ''}`, {
    method: operation.method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...caller.headers },
    ...(body === undefined ? {} : { body }),
  });
  const sent = Object.values({ ...instead.path, ...instead.query, ...instead.body }).flat() as string[];
  return { status: response.status, body: comparable(await response.text(), sent) };
};

type Changes = { path: Ids; query: Ids; body: Record<string, unknown> };

const atLeast =
  (least: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least;

const missing = (name: string): never => {
  throw new Error(`the tenant has no ${name}: makeTenant must make one`);
};

const anyId = /\b([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g;
const anyHash = /\b[0-9a-f]{64}\b/g;
const anyTime = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** Without what differs in any two answers: ids, hashes, times, and what was sent itself. */
const comparable = (text: string, sent: readonly string[]): string =>
  sent
    .reduce((told, value) => told.replaceAll(JSON.stringify(value).slice(1, -1), '(sent)'), text)
    .replaceAll(anyId, '$1_')
    .replaceAll(anyHash, '(hash)')
    .replaceAll(anyTime, '(time)');

/** An id that nobody has, of the same form and, since ids begin with their time, of the same place in a list. */
const unknownLike = (id: string): string => `${id.slice(0, -1)}${id.endsWith('x') ? 'y' : 'x'}`;

const changeOf = (field: IdField, id: string): Partial<Changes> => ({
  [field.in]: { [field.name]: field.list ? [id] : id },
});

/** What is called by this name or, in a body or a query, has ids of this kind. */
const idFor = (field: IdField, ids: Ids): string | undefined => {
  if (ids[field.name] !== undefined || field.prefix === null) return ids[field.name];
  return Object.values(ids).find((id) => id.startsWith(`${field.prefix}_`));
};

describe('the tenant matrix', () => {
  it('has a row for every operation, and no row for one that is gone', () => {
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(rows).toSorted());
  });

  it('finds the fields that take ids', () => {
    const found = operations.flatMap((operation) => idFieldsOf(operation, description));
    expect(found.length).toBeGreaterThan(operations.length / 2);
  });

  it.each(operations.map((operation) => ({ operation, name: operation.operationId })))(
    '$name tells nothing of what belongs to somebody else',
    async ({ operation }) => {
      const notRefused: string[] = [];
      for (const field of idFieldsOf(operation, description)) {
        for (const caller of callers) {
          for (const ids of [other.ids, other.otherBot, ...caller.hidden]) {
            const id = idFor(field, ids);
            if (id === undefined) continue;
            const foreign: Told = await call(operation, caller, own, changeOf(field, id));
            const unknown: Told = await call(operation, caller, own, changeOf(field, unknownLike(id)));
            compared += 1;
            const where = `${operation.operationId}, ${caller.name}, ${field.in} ${field.name} = ${id}`;
            // who is sent away for coming too often is told nothing, and nothing is compared
            expect([where, foreign.status, unknown.status]).not.toContain(429);
            expect({ where, ...foreign }).toEqual({ where, ...unknown });
            if (caller.name === 'key with all' && field.in !== 'query' && field.prefix !== null) {
              notRefused.push(...(foreign.status === 404 ? [] : [`${foreign.status} ${where}`]));
            }
          }
        }
      }
      expect(notRefused).toEqual([]);
    },
    60_000,
  );

  it('was large', () => {
    // 80 operations, 23 kinds of callers and 3,539 comparisons when this was written
    expect([callers.length, compared]).toEqual([expect.toSatisfy(atLeast(23)), expect.toSatisfy(atLeast(3_400))]);
  });

  it('left what belongs to the other tenant as it was', async () => {
    const { key, ids } = other;
    for (const path of [
      `/v1/bots/${ids['bot_id']}`,
      `/v1/turns/${ids['turn_id']}`,
      `/v1/keys/${ids['key_id']}`,
      `/v1/providers/${ids['provider_id']}`,
      `/v1/members/${ids['member_id']}`,
      `/v1/webhook_endpoints/${ids['webhook_endpoint_id']}`,
    ]) {
      expect([path, (await server.send('GET', path, { key })).status]).toEqual([path, 200]);
    }
    const messages = await server.send('GET', `/v1/conversations/${ids['conversation_id']}/messages`, { key });
    expect(messages.body.data).toHaveLength(2);
  });

  it('brings no word of another tenant or of another bot into a search, or before a model', async () => {
    const { key, ids, otherBot } = own;
    const bot = `/v1/bots/${ids['bot_id']}`;
    for (const path of [`${bot}/sources/${ids['source_id']}`, `/v1/bots/${otherBot['bot_id']}/sources`]) {
      await expect.poll(async () => (await server.send('GET', path, { key })).text).toContain('"status":"ready"');
    }
    // the very words of what the others know; the name of each tenant is in its facts alone
    const query = 'A fact of user of Theirs. A fact of user of Ours 2.';
    const search = await server.send('POST', `${bot}/search`, { key, body: { query } });
    const found = search.body.data.map(({ text }: { text: string }) => text);
    expect(found).toEqual(['A fact of user of Ours.']);
    const { body: turn } = await server.send('POST', '/v1/chat', {
      key,
      body: { bot_id: ids['bot_id'], message: query },
    });
    const receipt = await server.send('GET', `/v1/turns/${turn.id}/context`, { key });
    const passages = receipt.body.sections.find(({ kind }: { kind: string }) => kind === 'knowledge').items;
    expect(passages.map(({ text }: { text: string }) => text)).toEqual(['Facts\nA fact of user of Ours.']);
  });

  it('keeps no secret as it is, and its log has none of them and nothing that was said', async () => {
    const shown = callers.flatMap(({ headers }) => [
      headers['authorization'],
      headers['parley-visitor-token'],
      headers['parley-user-token'],
      headers['parley-embed-token'],
    ]);
    const secrets = [...shown.map((text) => text?.replace('Bearer ', '')), server.key, other.key, 'sk-test-0000'];
    const known = [...new Set(secrets.filter((secret) => secret !== undefined))];
    expect(known.length).toBeGreaterThan(18);
    let stored = '';
    for (const table of await server.tables()) {
      for (const row of await server.query(`select * from "${table}"`)) {
        for (const value of Object.values(row)) {
          stored += `${value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)}\n`;
        }
      }
    }
    // a publishable key is no secret, and is read again
    const held = known.filter((secret) => stored.includes(secret));
    expect(held).toEqual([own.publishableKey]);
    const logged = JSON.stringify(server.logged);
    expect(logged.length).toBeGreaterThan(10_000);
    expect([...known, 'A secret of', 'A fact of', 'user of Ours'].filter((text) => logged.includes(text))).toEqual([]);
    expect(server.logged.filter((line) => Number(line['level']) >= 50)).toEqual([]);
  });

  it('refuses to act for another tenant as it refuses to act for none, whatever is asked', async () => {
    const headers = { authorization: `Bearer ${own.key}` };
    for (const operation of operations.filter(({ security }) => security !== undefined && security.length > 0)) {
      const [foreign, unknown] = await Promise.all(
        [other.workspaceId, unknownLike(other.workspaceId)].map((workspace) =>
          call(operation, { headers: { ...headers, 'parley-workspace': workspace } }, own),
        ),
      );
      expect([operation.operationId, foreign]).toEqual([operation.operationId, unknown]);
      expect([operation.operationId, foreign?.status]).toEqual([operation.operationId, 404]);
    }
  });

  it('sends requests that succeed where the ids are the caller’s own', async () => {
    const rank = (operation: Operation): number =>
      operation.method === 'DELETE' ? (rowOf(operation).last ? 2 : 1) : 0;
    const depth = ({ path }: Operation): number => -path.split('/').length;
    // what lies inside another object is deleted before it
    const sorted = operations.toSorted((one, two) => rank(one) - rank(two) || depth(one) - depth(two));
    const failed: unknown[] = [];
    for (const operation of sorted) {
      const row = rowOf(operation);
      const all = { headers: { authorization: `Bearer ${own.key}` } };
      const pages = callers.filter(({ name }) => ['visitor', 'known user'].includes(name));
      for (const caller of row.visitorsOnly ? pages : [all, ...(row.ofPages ? pages : [])]) {
        const told = await call(operation, caller, own);
        const succeeded = told.status < 300;
        if (succeeded !== (row.refused === undefined)) failed.push([operation.operationId, caller, told]);
      }
    }
    expect(failed).toEqual([]);
  }, 60_000);
});
