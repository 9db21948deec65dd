import { createHash } from 'node:crypto';
import { principalName, type Principal } from '../core/access/principal.ts';
import { ParleyError } from '../core/error.ts';
import {
  idempotencyKeptMs,
  type IdempotencyScope,
  type StoredResponse,
} from '../core/idempotency/idempotency-store.ts';
import type { Transact, Writers } from '../core/store.ts';
import type { Clock } from '../kit/clock.ts';
import type { RouteReply } from './define-route.ts';
import { fingerprintOf } from './idempotency-key.ts';
import { type AnswerSecret, restoreAnswer, storeAnswer } from './stored-answer.ts';

export type Change = {
  principal: Principal;
  operationId: string;
  method: string;
  /** With its ids and its query. */
  path: string;
  params: unknown;
  body: unknown;
  idempotencyKey: string | null;
  secret: boolean;
  /** What precedes the transaction, unless the answer is stored already. */
  before: (() => Promise<void>) | null;
  work: (writers: Writers) => Promise<RouteReply>;
};

export type ChangeParts = { transact: Transact; clock: Clock; answerKeys: AnswerSecret['installationKeys'] };

/**
 * Runs a change in one transaction. With an Idempotency-Key its claim and the stored answer belong to the same
 * transaction: after a crash either all of it has happened or nothing, and a second request with the key waits for the
 * first one's end, then gets its answer. A change that fails stores nothing, so that it may be tried again.
 */
export const runChange = async (change: Change, parts: ChangeParts): Promise<RouteReply> => {
  const { idempotencyKey, before } = change;
  if (idempotencyKey === null) {
    await before?.();
    return parts.transact(change.work);
  }
  const scope = scopeOf(change, idempotencyKey);
  const secret: AnswerSecret = { idempotencyKey, installationKeys: parts.answerKeys };
  if (before !== null && !(await parts.transact(({ idempotency }) => idempotency.isKnown(scope)))) await before();
  return parts.transact(async (writers) => {
    const claim = await writers.idempotency.claim(scope, parts.clock() + idempotencyKeptMs);
    if (claim.kind === 'mismatch') throw new ParleyError('idempotency_mismatch');
    if (claim.kind === 'replay') return replayOf(claim.response, secret);
    const reply = await change.work(writers);
    await writers.idempotency.complete(
      scope,
      storeAnswer(reply, {
        secret: change.secret ? secret : null,
        subjectId: reply.keptFor ?? subjectOf(change.params, reply.body),
      }),
    );
    return reply;
  });
};

export const scopeOf = (request: Omit<Change, 'work'>, idempotencyKey: string): IdempotencyScope => ({
  workspaceId: request.principal.workspaceId,
  principal: principalName(request.principal),
  route: request.operationId,
  // a hash: the key itself may open a stored answer
  key: createHash('sha256').update(idempotencyKey).digest('base64url'),
  fingerprint: fingerprintOf(request.method, request.path, request.body),
});

/** The answer that was kept, with the word that it is one. */
export const replayOf = (response: StoredResponse, secret: AnswerSecret): RouteReply => {
  const reply = restoreAnswer(response, secret);
  return { ...reply, headers: { ...reply.headers, 'idempotent-replayed': 'true' } };
};

type Told =
  | { object?: unknown; id?: unknown; conversation_id?: unknown; bot_id?: unknown; turn_id?: unknown }
  | null
  | undefined;

/** What goes with its own deletion. */
const kindsToldOf: ReadonlySet<unknown> = new Set(['conversation', 'bot', 'workspace']);

/** The conversation, turn, bot or workspace that an answer tells of: the one that was made, or that the path names. */
export const subjectOf = (params: unknown, body: unknown): string | null => {
  const named = params as Told;
  const told = body as Told;
  const own = kindsToldOf.has(told?.object) ? told?.id : null;
  // a turn goes with its conversation
  const ofTurn = told?.object === 'turn' ? told.conversation_id : null;
  const id = named?.conversation_id ?? own ?? ofTurn ?? named?.turn_id ?? named?.bot_id;
  return typeof id === 'string' ? id : null;
};
