import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FuzzEffort } from './fuzz/effort.ts';
import { boot } from './boot.ts';
import { type Conformance, createConformance, type Received } from './fuzz/conformance.ts';
import { KnownIds } from './fuzz/known-ids.ts';
import { type Operation, operationsOf, readDescription } from './fuzz/operation.ts';
import { type FuzzRequest, requestsTo } from './fuzz/request-arbitrary.ts';
import type { SchemaSource } from './fuzz/schema-arbitrary.ts';
import { rows } from './matrix/rows.ts';
import { makeTenant, type Tenant } from './matrix/tenant.ts';

/** Requests an operation: 300, or as `npm run fuzz` says. A failed run is repeated by its seed, FUZZ_SEED. */
const { cases, seed }: FuzzEffort = inject('fuzz');
/** How long an open event stream is read: one whose turn waits for a person does not end by itself. */
const streamMs = 300;
const timeoutMs = Math.max(120_000, cases * 400);

/** Operations whose valid requests hang on what cannot be drawn by chance, with what that is. */
const rarelyAccepted = new Map([
  ['acceptInvitation', 'a token that was sent to somebody'],
  ['createProvider', 'a provider that answers, or `skip_test`'],
  ['updateProvider', 'as above'],
  ['createWorkspace', 'a plan that the operator has'],
  ['deleteBot', 'its name in `confirm`'],
  ['deleteWorkspace', 'its name in `confirm`'],
  ['answerConversation', 'a conversation that a person has taken'],
  ['unlinkUsers', 'two users that are linked, once'],
]);

const server = await boot();
const description = await readDescription(server.url);
const operations = inOrder(operationsOf(description));

describe(`every operation of the API, ${cases} requests each, seed ${seed}`, () => {
  let conforms: Conformance;
  beforeAll(() => {
    conforms = createConformance(description);
  });
  afterAll(() => server.close());

  let tenants = 0;
  /** A workspace of its own for each operation, with one object of every kind. */
  const makeWorkspace = async (operation: Operation): Promise<Workspace> => {
    tenants += 1;
    const tenant = await makeTenant(server, `Fuzz${tenants}`);
    const known = new KnownIds([keyIdOf(tenant.key), keyIdOf(server.key)]);
    known.note(JSON.stringify([tenant.ids, tenant.otherBot]));
    const { user_id: user = '', other_user_id: otherUser = '' } = tenant.ids;
    const source = {
      schemas: description.components.schemas,
      knownIds: (prefix: string) => known.of(prefix),
      knownUsers: () => [user, otherUser],
    };
    return { headers: callerOf(operation, tenant), known, source };
  };

  it('has operations', () => {
    expect(operations.length).toBeGreaterThan(30);
  });

  it.each(operations.map((operation) => ({ operation, name: operation.operationId })))(
    '$name answers whatever is sent to it as the description says',
    async ({ operation }) => {
      const { headers, known, source } = await makeWorkspace(operation);
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(requestsTo(operation, source), async (request) => {
          const received = await exchange(headers, request);
          statuses.set(received.status, (statuses.get(received.status) ?? 0) + 1);
          if (received.status < 300) known.note(received.text);
          const wrong = request.bent ? refusesBentPath(received) : conforms(operation, received);
          if (wrong !== null) throw new Error(wrong);
        }),
        { numRuns: cases, seed, endOnFailure: true },
      );
      // a run in which nothing was ever accepted, or nothing ever refused, would show nothing
      const seen = [...statuses.keys()];
      expect(seen.some((status) => status >= 400)).toBe(true);
      const accepted = seen.some((status) => status < 300);
      expect(accepted || rarelyAccepted.has(operation.operationId)).toBe(true);
    },
    timeoutMs,
  );

  it('logged no failure of the server', () => {
    const failures = server.logged.filter((line) => Number(line['level']) >= 50);
    expect(failures).toEqual([]);
  });
});

/** What makes comes before what reads, and what deletes comes last. */
function inOrder(all: readonly Operation[]): Operation[] {
  const rank = ({ method }: Operation): number => ['POST', 'PUT', 'PATCH', 'GET', 'DELETE'].indexOf(method);
  return all.toSorted((one, other) => rank(one) - rank(other));
}

/** A path in another case or with a slash too many must not reach the operation by another way. */
function refusesBentPath({ status, text }: Received): string | null {
  return [400, 401, 404, 405, 413, 415].includes(status) ? null : `a bent path was answered: ${status} ${text}`;
}

type Workspace = { headers: Record<string, string>; known: KnownIds; source: SchemaSource };

/** Whoever may call an operation: its workspace's key, the parent's for client workspaces, a page for what is a page's. */
function callerOf({ operationId, path }: Operation, tenant: Tenant): Record<string, string> {
  if (rows[operationId]?.visitorsOnly) {
    return { authorization: `Bearer ${tenant.publishableKey}`, origin: tenant.origin };
  }
  return { authorization: `Bearer ${path.startsWith('/v1/workspaces') ? server.key : tenant.key}` };
}

/** A secret names its key behind its kind. */
function keyIdOf(secret: string): string {
  return `key_${/^prl_[a-z]+_([0-9a-z]{26})/.exec(secret)?.[1]}`;
}

async function exchange(caller: Record<string, string>, request: FuzzRequest): Promise<Received> {
  const { authorization } = request;
  const response = await fetch(server.url + request.path, {
    method: request.method,
    redirect: 'manual',
    headers: {
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === undefined ? caller : {}),
      ...request.headers,
      ...(authorization === undefined || authorization === null ? {} : { authorization }),
    },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  return { status: response.status, headers: response.headers, text: await readBody(response) };
}

async function readBody(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const timer = setTimeout(() => void reader?.cancel(), streamMs);
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) break;
    text += decoder.decode(part.value, { stream: true });
  }
  clearTimeout(timer);
  return text;
}
