import { ParleyError } from '../core/error.ts';
import { idempotencyKeptMs } from '../core/idempotency/idempotency-store.ts';
import type { RouteReply } from './define-route.ts';
import { type Change, type ChangeParts, replayOf, scopeOf, subjectOf } from './run-change.ts';
import { storeAnswer } from './stored-answer.ts';

/**
 * Runs what may safely be done twice, through units of its own, and keeps its answer under the Idempotency-Key: whoever
 * repeats the request gets that answer. Of two at once both do the work, and both get the answer that was kept first.
 */
export const runRepeatable = async (
  request: Omit<Change, 'work'>,
  work: () => Promise<RouteReply>,
  parts: ChangeParts,
): Promise<RouteReply> => {
  const { idempotencyKey } = request;
  if (idempotencyKey === null) return work();
  const scope = scopeOf(request, idempotencyKey);
  const secret = { idempotencyKey, installationKeys: parts.answerKeys };
  const known = await parts.transact((writers) => writers.idempotency.find(scope));
  if (known?.kind === 'mismatch') throw new ParleyError('idempotency_mismatch');
  if (known?.kind === 'replay') return replayOf(known.response, secret);
  const reply = await work();
  return parts.transact(async (writers) => {
    const claim = await writers.idempotency.claim(scope, parts.clock() + idempotencyKeptMs);
    if (claim.kind === 'mismatch') throw new ParleyError('idempotency_mismatch');
    if (claim.kind === 'replay') return replayOf(claim.response, secret);
    const subjectId = reply.keptFor ?? subjectOf(request.params, reply.body);
    await writers.idempotency.complete(scope, storeAnswer(reply, { secret: null, subjectId }));
    return reply;
  });
};
