import { Agent } from 'undici';
import type { CheckProvider, ProviderAccess } from '../core/provider/check-provider.ts';
import type { ProblemOfAddress } from '../core/provider/create-provider.ts';
import type { ChatModel } from '../core/turn/chat-model.ts';
import type { Outbound } from '../kit/outbound/outbound.ts';
import { checkProvider } from './check-provider.ts';
import { createModelClient, takesQuery } from './create-client.ts';
import { MAX_CONNECTIONS, MAX_HEADER_BYTES } from './exchange/limits.ts';

/** As for the operator's providers: ended before the server ends them. */
const keepAliveMs = 4_000;

/**
 * Makes clients for providers whose address a tenant named: every connection goes through the guard. Each has connections
 * of its own, so that no workspace waits for those of another.
 */
export const createWorkspaceClient =
  ({ connect }: Pick<Outbound, 'connect'>) =>
  (access: ProviderAccess): ChatModel => {
    const dispatcher = new Agent({
      connect,
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: keepAliveMs,
    });
    return createModelClient(access, { dispatcher });
  };

/**
 * What is wrong with the address of a tenant's provider, as the end of a sentence. A key does not travel readable, and what
 * could make no client is not saved.
 */
export const createProblemOfAddress =
  ({ problemOf, isAllowed }: Pick<Outbound, 'problemOf' | 'isAllowed'>): ProblemOfAddress =>
  ({ type, url }) => {
    const problem = problemOf(url);
    if (problem !== null) return problem;
    if (!url.startsWith('https:') && !isAllowed(url)) return 'it must begin with https://';
    return takesQuery(type) || new URL(url).search === '' ? null : `a provider of type ${type} takes no \`?\` in it`;
  };

/** Asks a tenant's provider for its models, which none charges for, through the guard. */
export const createCheckProvider =
  ({ dispatcher }: Pick<Outbound, 'dispatcher'>): CheckProvider =>
  async (access) => {
    const check = await checkProvider(access, { dispatcher });
    return check.kind === 'reachable' ? null : check.trouble;
  };
