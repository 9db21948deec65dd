import type { FastifyInstance } from 'fastify';
import type { Caller, PageCaller } from '../core/access/authenticate-key.ts';
import { principalName } from '../core/access/principal.ts';
import { ParleyError } from '../core/error.ts';
import type { Transact } from '../core/store.ts';
import { BoundedCache } from '../kit/bounded-cache.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { operationOf } from './error-response.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose key was shown, before anything else is known of the caller. */
    sender: Caller | PageCaller | null;
  }
}

/** A caller that keeps asking for what it may not have is noted once in this time for each operation. */
const notedEveryMs = 60_000;
/** Pairs of caller and operation that are remembered; beyond it the oldest may be noted again. */
const maxRemembered = 10_000;

type AuditParts = { transact: Transact; clock: Clock; logger: Logger };

/** `once`: what it is noted once a minute for. */
type Refused = { workspaceId: string; actor: string; once: string };

const refusedOf = (sender: Caller | PageCaller, operation: string): Refused => {
  if ('page' in sender) {
    const { workspaceId, keyId } = sender.page;
    // everybody has a publishable key: by its operations anybody could fill the log
    return { workspaceId, actor: `key:${keyId}`, once: keyId };
  }
  const { workspaceId } = sender.principal;
  const actor = principalName(sender.principal);
  return { workspaceId, actor, once: `${workspaceId} ${actor} ${operation}` };
};

/**
 * Notes in the audit log that a key was shown for what it may not do, or on a page where it may not be used; the answer
 * does not wait for it. Who shows no key that is known belongs to no workspace whose log that could be.
 */
export const auditRefusals = (server: FastifyInstance, { transact, clock, logger }: AuditParts): void => {
  const noted = new BoundedCache<string, true>({ maxEntries: maxRemembered, ttlMs: notedEveryMs, clock });

  const note = async (sender: Caller | PageCaller, about: { operation: string; code: string }): Promise<void> => {
    const { workspaceId, actor, once } = refusedOf(sender, about.operation);
    if (noted.get(once)) return;
    noted.set(once, true);
    const entry = {
      workspaceId,
      actor,
      action: 'access.refuse',
      target: about.operation,
      detail: { code: about.code },
    };
    await transact((writers) => writers.audit.append({ ...entry, at: clock() }));
  };

  server.decorateRequest('sender', null);
  // fastify knows by its number of parameters that this one takes no callback
  server.addHook('onError', async (request, _reply, error) => {
    if (!(error instanceof ParleyError) || !request.sender) return;
    const { code } = error;
    if (code !== 'insufficient_scope' && code !== 'origin_not_allowed') return;
    note(request.sender, { operation: operationOf(request), code }).catch((failure: unknown) =>
      logger.warn({ err: failure }, 'a refusal could not be noted in the audit log'),
    );
  });
};
