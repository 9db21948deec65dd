import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, PageCaller } from '../core/access/authenticate-key.ts';
import { mayUseBot } from '../core/access/principal.ts';
import { covers } from '../core/access/scope.ts';
import { notFound, ParleyError } from '../core/error.ts';
import { actForNamedClient, type ClientGuards, namesClient } from './client-workspace-header.ts';
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
export const guardRoute = (access: GuardedAccess, guards: Guards) => {
  const letIn = async (exchange: Exchange, found: ReturnType<Guards['authenticate']>): Promise<void> => {
    const { request, reply } = exchange;
    const sender = await found;
    request.sender = sender;
    if ('page' in sender) {
      request.caller = await guards.visitors.admit(exchange, sender, access);
      return;
    }
    await letCallerIn(exchange, await actForNamedClient(sender, { request, reply, guards }));
  };
  const letCallerIn = ({ request, reply }: Exchange, caller: Caller): void | Promise<void> => {
    request.caller = caller;
    const admitted = guards.rateLimit.admit(caller.principal.workspaceId, caller.plan, reply);
    if (admitted instanceof Promise) return admitted.then(() => assertMay(access, caller, request));
    return assertMay(access, caller, request);
  };
  // fastify waits for the promise where it is given one, else for `done`
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void | Promise<void> => {
    const exchange = { request, reply };
    const sender = guards.authenticate(readSecret(request));
    if (sender instanceof Promise || 'page' in sender || namesClient(request)) return letIn(exchange, sender);
    // all that most requests need is at hand: no promise is made for them
    request.sender = sender;
    const admitted = letCallerIn(exchange, sender);
    if (admitted === undefined) done();
    return admitted;
  };
};

type Exchange = { request: FastifyRequest; reply: FastifyReply };

/** Throws insufficient_scope, and not_found for a bot of the path that is none of theirs. */
const assertMay = ({ principals, scope }: GuardedAccess, { principal }: Caller, request: FastifyRequest): void => {
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
