import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, PageCaller } from '../core/access/authenticate-key.ts';
import { createEmbedTokens, type EmbedTokens } from '../core/access/embed-token.ts';
import { identifyVisitor, type Visitor } from '../core/access/identify-visitor.ts';
import { UserTokenVerifier } from '../core/access/user-token-verifier.ts';
import type { CreateCounter } from '../core/access/request-counter.ts';
import { createVisitorCounts, type VisitorLimits } from '../core/access/visitor-limits.ts';
import { createVisitorTokens } from '../core/access/visitor-token.ts';
import { ParleyError } from '../core/error.ts';
import type { Readers, Transact } from '../core/store.ts';
import { countedAddress } from '../kit/client-address.ts';
import type { Clock } from '../kit/clock.ts';
import type { GuardedAccess } from './define-route.ts';
import { provePageOrigin } from './page-origin.ts';
import type { RateLimit } from './rate-limit.ts';

type Exchange = { request: FastifyRequest; reply: FastifyReply };

/** The way in for browsers: origin, limits, and who the visitor is. */
export type VisitorGate = {
  /**
   * Throws origin_not_allowed, invalid_embed_token, invalid_visitor_token, invalid_user_token, rate_limited, and
   * insufficient_scope on routes that do not take visitors.
   */
  admit(exchange: Exchange, caller: PageCaller, access: GuardedAccess): Promise<Caller>;
  /** Counts a request that shows no key against its address. Throws rate_limited. */
  admitAddress(request: FastifyRequest): Promise<void>;
  embedTokens: EmbedTokens;
  /** Drops what is remembered of user tokens: to be called once a bot's secrets have changed. */
  forgetUserTokens: () => void;
};

export type VisitorGateParts = {
  readers: Pick<Readers, 'visitors' | 'users' | 'encryptedSecrets'>;
  transact: Transact;
  clock: Clock;
  rateLimit: RateLimit;
  createCounter: CreateCounter;
  limits: VisitorLimits;
  /** The first of each signs; the others are those it replaces. */
  visitorKeys: readonly [Buffer, ...Buffer[]];
  embedKeys: readonly [Buffer, ...Buffer[]];
};

export const createVisitorGate = (parts: VisitorGateParts): VisitorGate => {
  const { clock } = parts;
  const visitorTokens = createVisitorTokens(parts.visitorKeys);
  const embedTokens = createEmbedTokens(parts.embedKeys);
  const userTokens = new UserTokenVerifier({ secrets: parts.readers.encryptedSecrets, clock });
  const counts = createVisitorCounts(parts.limits, parts.createCounter);

  return {
    async admit(exchange, caller, access) {
      const { request, reply } = exchange;
      const { page, plan } = caller;
      if (!access.principals.includes('visitor')) {
        throw new ParleyError('insufficient_scope', 'A publishable key may only chat. This route needs a server key.');
      }
      if (request.headers['parley-workspace'] !== undefined) {
        throw new ParleyError('insufficient_scope', 'A publishable key cannot act for another workspace.');
      }
      // before anything that may be refused, so that the page may read why
      provePageOrigin(exchange, page, { embedTokens, clock });
      const address = countedAddress(request.ip);
      await counts.admitAddress(address);
      const visitor = await identifyVisitor({ ...parts, visitorTokens, userTokens }, page, {
        visitorToken: headerOf(request, 'parley-visitor-token'),
        userToken: headerOf(request, 'parley-user-token'),
      });
      const { principal, isNew } = visitor;
      const isMessage = access.takesMessage === true;
      const { visitorId } = principal;
      writeLimits(reply, await counts.admitVisitor({ address, visitorId, botId: page.botId, isNew, isMessage }));
      // what the plan leaves is the customer's affair and not their visitors'
      await parts.rateLimit.admit(page.workspaceId, plan, null);
      if (isMessage && visitor.wantsToken) handToken(reply, visitor);
      return { principal, plan };
    },
    admitAddress: (request) => counts.admitAddress(countedAddress(request.ip)),
    embedTokens,
    forgetUserTokens: () => userTokens.forget(),
  };

  /** In a header, which a stream sends before its first event. */
  function handToken(reply: FastifyReply, { principal }: Visitor): void {
    const { visitorId, workspaceId, botIds } = principal;
    const [botId = ''] = botIds;
    reply.header('parley-visitor-token', visitorTokens.issue({ visitorId, workspaceId, botId }, clock()));
  }
};

const headerOf = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

const writeLimits = (reply: FastifyReply, left: { limit: number; remaining: number; resetSeconds: number }): void => {
  reply.headers({
    'ratelimit-policy': `"permin";q=${left.limit};w=60`,
    ratelimit: `"permin";r=${left.remaining};t=${left.resetSeconds}`,
  });
};
