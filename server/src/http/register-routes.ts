import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../core/access/authenticate-key.ts';
import { ParleyError } from '../core/error.ts';
import type { Transact } from '../core/store.ts';
import type { Clock } from '../kit/clock.ts';
import { declaredErrors } from './declared-errors.ts';
import { describeOperation } from './describe-operation.ts';
import { answeredByHand, noBody, type Route, type RouteReply } from './define-route.ts';
import { toParleyError } from './error-response.ts';
import { type Guards, guardRoute } from './guard-route.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { answerPreflight } from './page-origin.ts';
import { acceptUploads } from './read-upload.ts';
import { runChange } from './run-change.ts';
import { runRepeatable } from './run-repeatable.ts';
import { UploadedFile } from './uploaded-file.ts';
import { toRefusal } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it; null on public routes and until the guard has run. */
    caller: Caller | null;
    /** Why it was refused or failed, for the log. */
    refusal: ParleyError | null;
  }
  interface FastifyContextConfig {
    /** The definition a route was made from; absent for refusals of the registry's own. */
    route?: Route;
    refusal?: true;
  }
}

export type RegistryParts = Guards & {
  transact: Transact;
  clock: Clock;
  /**
   * The installation's share of the key under which stored answers that show a secret are sealed; behind it those of
   * earlier answers.
   */
  answerKeys: readonly [Buffer, ...Buffer[]];
  /** Checks every answer and every refusal against what the route declares: for tests, where nothing else may pass. */
  validateResponses: boolean;
};

type AnyInput = Parameters<Extract<Route['work'], { kind: 'plain' }>['handler']>[0];

const refusedMethods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const nothing = z.strictObject({});

/**
 * Turns definitions into routes of the server. It is the only way to one: a route that fastify is given otherwise, with no
 * word on who may call it, stops the start.
 */
export const registerRoutes = (server: FastifyInstance, routes: readonly Route[], parts: RegistryParts): void => {
  server.addHook('onRoute', ({ config, method, url }) => {
    if (config?.route === undefined && config?.refusal === undefined) {
      throw new Error(`${String(method)} ${url} was not registered through the registry: nobody said who may call it`);
    }
  });
  const names = new Set<string>();
  for (const route of routes) {
    if (names.has(route.operationId)) throw new Error(`two routes are called ${route.operationId}`);
    names.add(route.operationId);
    if (route.upload === undefined) registerRoute(server, route, parts);
  }
  registerUploads(
    server,
    routes.filter(({ upload }) => upload !== undefined),
    parts,
  );
  for (const [path, known] of Map.groupBy(routes, (route) => route.path)) refuseOtherMethods(server, path, known);
};

/** In a part of the server of their own: the parser of forms has hooks, for which every other request would pay. */
const registerUploads = (server: FastifyInstance, routes: readonly Route[], parts: RegistryParts): void => {
  // fastify does this before the server is ready
  void server.register(async (uploads) => {
    await acceptUploads(uploads);
    for (const route of routes) registerRoute(uploads, route, parts);
  });
};

const registerRoute = (server: FastifyInstance, route: Route, parts: RegistryParts): void => {
  server.route({
    method: route.method,
    url: route.path,
    config: { route },
    exposeHeadRoute: hasHead(route),
    ...limitOf(route),
    ...(route.access === 'public' ? {} : { onRequest: guardRoute(route.access, parts) }),
    schema: {
      ...describeOperation(route),
      ...(route.params ? { params: route.params } : {}),
      querystring: route.query ?? nothing,
      // a body that nobody reads may be missing or empty, but not hold what would be ignored
      ...(route.method === 'GET' ? {} : { body: route.body ?? nothing.optional() }),
      response: { ...route.replies },
    },
    handler: (request, reply) => answer(route, { request, reply }, parts),
  });
};

/** Where none is wanted a body is read only to be refused. */
const unwantedBodyLimitBytes = 16_384;

const limitOf = ({ body, bodyLimitBytes }: Route): { bodyLimit?: number } => {
  if (body === undefined) return { bodyLimit: unwantedBodyLimitBytes };
  return bodyLimitBytes === undefined ? {} : { bodyLimit: bodyLimitBytes };
};

/** A stream has no answer to measure without sending it. */
const hasHead = (route: Route): boolean =>
  route.method === 'GET' &&
  !Object.values(route.otherContent ?? {})
    .flat()
    .some((type) => type === 'text/event-stream' || type === 'application/jsonl');

const refuseOtherMethods = (server: FastifyInstance, path: string, known: readonly Route[]): void => {
  const allowed = new Set<HTTPMethods>(known.map((route) => route.method));
  const forVisitors = known.filter(({ access }) => access !== 'public' && access.principals.includes('visitor'));
  const methodsForVisitors = forVisitors.map(({ method }) => method);
  if (known.some(hasHead)) allowed.add('HEAD');
  server.route({
    method: refusedMethods.filter((method) => !allowed.has(method)),
    url: path,
    config: { refusal: true },
    schema: { hide: true },
    // before the body is read, whatever its type
    onRequest: (request, reply, done) => {
      const mayAsk = request.method === 'OPTIONS' && methodsForVisitors.length > 0;
      if (mayAsk && answerPreflight({ request, reply }, methodsForVisitors)) return;
      reply.header('allow', [...allowed].join(', '));
      done(new ParleyError('method_not_allowed'));
    },
    handler: () => undefined,
  });
};

type Exchange = { request: FastifyRequest; reply: FastifyReply };

const answer = async (route: Route, exchange: Exchange, parts: RegistryParts): Promise<FastifyReply> => {
  const { request, reply } = exchange;
  const file = request.body instanceof UploadedFile ? request.body : null;
  file?.hold();
  try {
    const result = await work(route, exchange, parts);
    return result === answeredByHand ? reply : send(route, result, { reply, validate: parts.validateResponses });
  } catch (error) {
    if (parts.validateResponses) assertDeclared(route, error);
    if (!reply.sent) throw error;
    // half of an answer is out already: nothing can be said any more but that it broke off
    request.refusal = toParleyError(error);
    reply.raw.destroy();
    return reply;
  } finally {
    file?.release();
  }
};

/** A code that the description does not name is one that no client is prepared for. */
const assertDeclared = (route: Route, error: unknown): void => {
  if (!(error instanceof ParleyError) || declaredErrors(route).has(error.code)) return;
  throw new Error(`${route.operationId} does not declare ${error.code}`, { cause: error });
};

const work = (route: Route, exchange: Exchange, parts: RegistryParts): Promise<RouteReply | typeof answeredByHand> => {
  const { request } = exchange;
  const input = toInput(exchange);
  if (input.file) assertFields(route, input.file);
  if (route.work.kind === 'plain' && !route.work.repeatable) return route.work.handler(input);
  const { caller } = request;
  if (!caller) throw new Error('a change came in without a caller');
  const change = {
    principal: caller.principal,
    operationId: route.operationId,
    method: route.method,
    path: request.url,
    params: request.params,
    body: request.body instanceof UploadedFile ? request.body.fingerprint() : request.body,
    idempotencyKey: route.method === 'POST' ? readIdempotencyKey(input.header('idempotency-key')) : null,
    secret: false,
    before: null,
  };
  if (route.work.kind === 'plain') {
    const { handler } = route.work;
    return runRepeatable(change, () => handler(input) as Promise<RouteReply>, parts);
  }
  const { handler, secret, before } = route.work;
  return runChange(
    { ...change, secret, before: before && (() => before(input)), work: (writers) => handler(writers, input) },
    parts,
  );
};

/** What a form holds beside its file is checked here: its schema is not that of the body. */
const assertFields = ({ upload }: Route, file: UploadedFile): void => {
  const checked = upload?.fields.safeParse(file.fields);
  if (checked?.success === false) throw toRefusal(checked.error, 'body');
};

/** The parts are parsed by the route's schemas and the caller is found by its access, as `defineRoute` promises. */
const toInput = ({ request, reply }: Exchange): AnyInput =>
  ({
    principal: request.caller?.principal ?? null,
    plan: request.caller?.plan ?? null,
    params: request.params,
    query: request.query,
    body: request.body,
    file: request.body instanceof UploadedFile ? request.body : null,
    requestId: request.id,
    header: (name: string) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    raw: reply,
  }) as AnyInput;

const send = (route: Route, result: RouteReply, options: { reply: FastifyReply; validate: boolean }): FastifyReply => {
  const { reply } = options;
  const schema = route.replies[result.status];
  if (options.validate) schema?.parse(result.body);
  reply.code(result.status);
  if (result.headers) reply.headers(result.headers);
  if (schema === noBody) return reply.send();
  if (reply.hasHeader('content-type')) return reply.send(result.body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(result.body));
};
