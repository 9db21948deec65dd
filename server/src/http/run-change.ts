import { createHash } from 'node:crypto';
import { principalName, type Principal } from '../core/access/principal.ts';
import { ParleyError } from '../core/error.ts';
import type { Transact, Writers } from '../core/store.ts';
import type { Clock } from '../kit/clock.ts';
import type { RouteReply } from './define-route.ts';
import { fingerprintOf, idempotencyKeptMs } from './idempotency-key.ts';
import { restoreAnswer, storeAnswer } from './stored-answer.ts';

type Change = {
  principal: Principal;
  operationId: string;
  method: string;
  /** With its ids and its query. */
  path: string;
  params: unknown;
  body: unknown;
  idempotencyKey: string | null;
  secret: boolean;
  work: (writers: Writers) => Promise<RouteReply>;
};

/**
 * Runs a change in one transaction. With an Idempotency-Key its claim and the stored answer belong to the same
 * transaction: after a crash either all of it has happened or nothing, and a second request with the key waits for the
 * first one's end, then gets its answer. A change that fails stores nothing, so that it may be tried again.
 */
export const runChange = (
  change: Change,
  parts: { transact: Transact; clock: Clock; answerKey: Buffer },
): Promise<RouteReply> => {
  const { principal, idempotencyKey } = change;
  if (idempotencyKey === null) return parts.transact(change.work);
  const scope = {
    workspaceId: principal.workspaceId,
    principal: principalName(principal),
    route: change.operationId,
    // a hash: the key itself may open a stored answer
    key: createHash('sha256').update(idempotencyKey).digest('base64url'),
    fingerprint: fingerprintOf(change.method, change.path, change.body),
  };
  const answerSecret = { idempotencyKey, installationKey: parts.answerKey };
  return parts.transact(async (writers) => {
    const claim = await writers.idempotency.claim(scope, parts.clock() + idempotencyKeptMs);
    if (claim.kind === 'mismatch') throw new ParleyError('idempotency_mismatch');
    if (claim.kind === 'replay') {
      const reply = restoreAnswer(claim.response, answerSecret);
      return { ...reply, headers: { ...reply.headers, 'idempotent-replayed': 'true' } };
    }
    const reply = await change.work(writers);
    await writers.idempotency.complete(
      scope,
      storeAnswer(reply, {
        secret: change.secret ? answerSecret : null,
        subjectId: subjectOf(change.params, reply.body),
      }),
    );
    return reply;
  });
};

type Told = { object?: unknown; id?: unknown; conversation_id?: unknown; bot_id?: unknown } | null | undefined;

/** The conversation or bot that an answer tells of: the one that was made, or that the path names. */
const subjectOf = (params: unknown, body: unknown): string | null => {
  const named = params as Told;
  const made = body as Told;
  const own = made?.object === 'conversation' || made?.object === 'bot' ? made.id : null;
  const id = named?.conversation_id ?? own ?? named?.bot_id;
  return typeof id === 'string' ? id : null;
};
