import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../core/access/authenticate-key.ts';
import type { ActForClient } from '../core/workspace/act-for-client.ts';
import type { RateLimit } from './rate-limit.ts';

/** Names the client workspace that a request is meant for; without it, it is meant for the caller's own. */
const clientWorkspaceHeader = 'parley-workspace';

export type ClientGuards = { actForClient: ActForClient; rateLimit: RateLimit };

/** True where the request is meant for another workspace than the caller's own. */
export const namesClient = ({ headers }: FastifyRequest): boolean => headers[clientWorkspaceHeader] !== undefined;

/** The caller in the client workspace that the request names. */
export const actForNamedClient = async (
  caller: Caller,
  { request, reply, guards }: { request: FastifyRequest; reply: FastifyReply; guards: ClientGuards },
): Promise<Caller> => {
  const named = request.headers[clientWorkspaceHeader];
  if (named === undefined) return caller;
  try {
    return await guards.actForClient(caller, String(named));
  } catch (error) {
    // a guess counts on whoever made it
    await guards.rateLimit.admit(caller.principal.workspaceId, caller.plan, reply);
    throw error;
  }
};
