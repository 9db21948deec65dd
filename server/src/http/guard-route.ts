import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, PageCaller } from '../core/access/authenticate-key.ts';
import { mayUseBot } from '../core/access/principal.ts';
import { covers } from '../core/access/scope.ts';
import { notFound, ParleyError } from '../core/error.ts';
import { actForNamedClient, type ClientGuards } from './client-workspace-header.ts';
import type { GuardedAccess } from './define-route.ts';
import type { VisitorGate } from './visitor-gate.ts';

export type Guards = ClientGuards & {
  authenticate: (secret: string) => Caller | PageCaller | Promise<Caller | PageCaller>;
  visitors: Pick<VisitorGate, 'admit'>;
};

const bearer = /^bearer +(\S+)$/i;

/**
 * Finds the caller and lets them in, before the body is read: key, rate limit, scope, bot limit. What a caller may not
 * know of answers as what does not exist. A page with a publishable key comes in by a gate of its own.
 */
export const guardRoute =
  (access: GuardedAccess, guards: Guards) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const sender = await guards.authenticate(readSecret(request));
    request.sender = sender;
    if ('page' in sender) {
      request.caller = await guards.visitors.admit({ request, reply }, sender, access);
      return;
    }
    const caller = await actForNamedClient(sender, { request, reply, guards });
    request.caller = caller;
    const { principal, plan } = caller;
    await guards.rateLimit.admit(principal.workspaceId, plan, reply);
    const { principals, scope } = access;
    if (!principals.includes(principal.kind)) {
      throw new ParleyError('insufficient_scope', 'This route does not take API keys.');
    }
    if (scope !== null && !covers(principal.scopes, scope)) {
      throw new ParleyError('insufficient_scope', `This request needs a key with the scope \`${scope}\`.`);
    }
    const { bot_id: botId } = request.params as { bot_id?: string };
    if (botId !== undefined && !mayUseBot(principal, botId)) throw notFound('bot');
  };

const readSecret = (request: FastifyRequest): string => {
  const header = request.headers.authorization;
  if (header === undefined) throw new ParleyError('missing_api_key');
  const secret = bearer.exec(header)?.[1];
  if (secret === undefined) throw new ParleyError('invalid_api_key', 'Send `Authorization: Bearer prl_live_…`.');
  return secret;
};
