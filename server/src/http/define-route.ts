/**
 * How a route is written. One file per route, `routes/<noun>/<verb-noun>.ts`, exports one factory that names what it
 * needs of `RouteParts` and returns a definition; `routes/index.ts` lists every factory.
 *
 * ```ts
 * export const getBotRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
 *   defineRoute({
 *     method: 'GET',
 *     path: '/v1/bots/:bot_id',
 *     operationId: 'getBot',
 *     summary: 'Read a bot',
 *     tag: 'Bots',
 *     access: { principals: ['key'], scope: 'bots:read' },
 *     params: z.strictObject({ bot_id: botId }),
 *     replies: { 200: botSchema },
 *     errors: ['not_found'],
 *     handler: async ({ principal, params }) => {
 *       const bot = await getBot(readers.bots, principal, params.bot_id);
 *       return { status: 200, body: presentBot(bot) };
 *     },
 *   });
 * ```
 *
 * - `defineRoute` reads, or works through units of its own (turns). `defineChange` is for every other POST, PATCH and
 *   DELETE: its handler is `(writers, input) => reply` and runs inside one transaction, in which nothing but the writers
 *   may be awaited. A POST made with `defineChange` honours `Idempotency-Key` by itself: its claim, the change and the
 *   stored answer are that one transaction, so the handler never sees the key. `secret: true` says that the answer shows
 *   a secret, and stores it encrypted.
 * - The handler is called with a principal that holds the scope, and with parsed parts. A `bot_id` in the path is already
 *   one the principal may know of; one in the body or the query is the use case's to check.
 * - Bodies are built in `present/`, by functions that say the type they give (`z.output<typeof botSchema>`).
 * - `errors` names what the use case itself throws. What every route can answer (authentication, validation, rate limit,
 *   failures of the server) is added to the description by the registry.
 * - An answer that is written by hand: `raw.hijack()`, write to `raw.raw`, return `answeredByHand`. Send
 *   `raw.getHeaders()` along: request id, rate limits and security headers are already in it.
 */
import type { ErrorCode } from '@parley/protocol/error-catalogue';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Principal, PrincipalKind } from '../core/access/principal.ts';
import type { Scope } from '../core/access/scope.ts';
import type { Writers } from '../core/store.ts';
import type { Plan } from '../core/usage/plan.ts';
import type { UploadedFile } from './uploaded-file.ts';

/**
 * Who may call a route, and with which scope; null where being authenticated is enough. A visitor has no scopes to speak
 * of: they may call the routes that name them, and see what is their own.
 */
export type GuardedAccess<Kind extends PrincipalKind = PrincipalKind> = {
  readonly principals: readonly [Kind, ...Kind[]];
  readonly scope: Scope | null;
  /** For routes that take visitors: a request is a message, counted as one, and a new visitor gets their token with it. */
  readonly takesMessage?: true;
};
export type RouteAccess<Kind extends PrincipalKind = PrincipalKind> = 'public' | GuardedAccess<Kind>;

export type RouteTag =
  | 'Chat'
  | 'Turns'
  | 'Bots'
  | 'Knowledge'
  | 'Conversations'
  | 'Users'
  | 'Usage'
  | 'Keys'
  | 'Administration'
  | 'Operations';

/** Schemas of the answers by their status. */
export type Replies = { readonly [status: number]: z.ZodType };

/** The schema of an answer without a body. */
export const noBody = z.undefined();

/** Returned by a handler that has written its answer to `raw.raw`. */
export const answeredByHand: unique symbol = Symbol('answered by hand');

/** A header that some routes send and others of their kind do not; `complete-description.ts` says what each means. */
export type OwnHeader = 'parley-turn-id' | 'idempotent-replayed' | 'etag' | 'content-disposition';

type ReplyHeaders = Readonly<Record<string, string>>;

/**
 * One of the declared answers. `Status` stands apart so that a handler's `status: 201` stays the literal it is. `keptFor`:
 * what an answer that is kept for repeated requests is deleted with, where neither path nor body names it.
 */
export type ReplyOf<Status extends number, Known extends Record<Status, z.ZodType>> = {
  [Each in Status]: undefined extends z.output<Known[Each]>
    ? { readonly status: Each; readonly body?: undefined; readonly headers?: ReplyHeaders; readonly keptFor?: string }
    : {
        readonly status: Each;
        readonly body: z.output<Known[Each]>;
        readonly headers?: ReplyHeaders;
        readonly keptFor?: string;
      };
}[Status];

export type RouteInput<
  Kind extends PrincipalKind,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> = {
  /** Null on public routes. */
  principal: [Kind] extends [never] ? null : Extract<Principal, { kind: Kind }>;
  /** Of the principal's workspace; null on public routes. */
  plan: [Kind] extends [never] ? null : Plan;
  params: z.output<Params>;
  query: z.output<Query>;
  body: z.output<Body>;
  requestId: string;
  /** A request header by its lower-case name; the first where it was sent more than once. */
  header: (name: string) => string | undefined;
  /** The file that came in a form in place of a body, where the route takes one; `body` is nothing then. */
  file: UploadedFile | null;
  /** Fastify's reply, for streams. */
  raw: FastifyReply;
};

type Description<
  Access extends RouteAccess,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> = {
  /** In fastify's form: `/v1/bots/:bot_id`. Parameters are named as in the body: `bot_id`, `key_id`, `turn_id`. */
  path: `/${string}`;
  /** camelCase, verb first; unique. */
  operationId: string;
  summary: string;
  /** Markdown. */
  description?: string;
  tag: RouteTag;
  access: Access;
  /** Strict object schemas; what is left out is refused when sent. */
  params?: Params;
  query?: Query;
  body?: Body;
  /** Request headers the route reads, with what they mean; for the description alone. */
  headers?: Readonly<Record<string, string>>;
  /** Headers that only this route sends, with the statuses that they come with; for the description alone. */
  sends?: Readonly<Partial<Record<OwnHeader, readonly number[]>>>;
  /** Content types other than JSON that an answer may have, by status. */
  otherContent?: Readonly<Record<number, readonly string[]>>;
  errors: readonly ErrorCode[];
  /** Left out of the description: a part of another route, of no use by itself. */
  hidden?: true;
  /** The largest body; 1 MB by default. */
  bodyLimitBytes?: number;
  /** Takes a form with a `file` in place of its body (`multipart/form-data`), with these other fields. */
  upload?: { readonly fields: z.ZodObject; readonly maxBytes: number };
};

/** A route that reads, or that works through units of its own. */
export type RouteDefinition<
  Kind extends PrincipalKind,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Status extends number,
  Known extends Record<Status, z.ZodType>,
> = Description<RouteAccess<Kind>, Params, Query, Body> & {
  replies: Known & Record<Status, z.ZodType>;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** A POST whose work may safely be done twice: its answer is kept under the `Idempotency-Key`, for repeated requests. */
  repeatable?: true;
  handler: (input: RouteInput<Kind, Params, Query, Body>) => Promise<ReplyOf<Status, Known> | typeof answeredByHand>;
};

/** A route whose work is one transaction. */
export type ChangeDefinition<
  Kind extends PrincipalKind,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Status extends number,
  Known extends Record<Status, z.ZodType>,
> = Description<GuardedAccess<Kind>, Params, Query, Body> & {
  replies: Known & Record<Status, z.ZodType>;
  method: 'POST' | 'PATCH' | 'DELETE';
  /** The answer shows a secret: what is kept for a repeated request is encrypted. */
  secret?: true;
  /**
   * Runs before the transaction, for what must not be awaited in it: a call over the network. Not for a request that is
   * answered from its Idempotency-Key.
   */
  before?: (input: RouteInput<Kind, Params, Query, Body>) => Promise<void>;
  handler: (writers: Writers, input: RouteInput<Kind, Params, Query, Body>) => Promise<ReplyOf<Status, Known>>;
};

/** An answer, whatever its route. */
export type RouteReply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: ReplyHeaders;
  readonly keptFor?: string;
};

type AnyInput = RouteInput<PrincipalKind, z.ZodType, z.ZodType, z.ZodType>;

type RouteWork =
  | { kind: 'plain'; repeatable: boolean; handler: (input: AnyInput) => Promise<RouteReply | typeof answeredByHand> }
  | {
      kind: 'change';
      secret: boolean;
      before: ((input: AnyInput) => Promise<void>) | null;
      handler: (writers: Writers, input: AnyInput) => Promise<RouteReply>;
    };

declare const registered: unique symbol;

/** A definition as the registry takes it. Only the two functions below make one. */
export type Route = Description<RouteAccess, z.ZodType, z.ZodType, z.ZodType> & {
  readonly replies: Replies;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly work: RouteWork;
  readonly [registered]: true;
};

export const defineRoute = <
  Status extends number,
  Known extends Record<Status, z.ZodType>,
  Kind extends PrincipalKind = never,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  definition: RouteDefinition<Kind, Params, Query, Body, Status, Known>,
): Route => {
  const { handler, repeatable, ...description } = definition;
  // the registry parses the parts by these schemas and finds the principal by this access before it calls
  return { ...description, work: { kind: 'plain', repeatable: repeatable ?? false, handler } } as unknown as Route;
};

export const defineChange = <
  Kind extends PrincipalKind,
  Status extends number,
  Known extends Record<Status, z.ZodType>,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  definition: ChangeDefinition<Kind, Params, Query, Body, Status, Known>,
): Route => {
  const { handler, secret, before, ...description } = definition;
  const work = { kind: 'change', secret: secret ?? false, before: before ?? null, handler };
  return { ...description, work } as unknown as Route;
};
