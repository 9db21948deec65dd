import { type Principal, principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import type { Client } from './client.ts';
import { checkTerms, type ClientTools, type NewClient } from './create-client.ts';
import { assertLive, findClient } from './find-client.ts';

/** Fields to set; what is left out stays. Pairs are replaced as a whole. */
export type ClientChange = Partial<NewClient>;

/**
 * Changes a client workspace. Setting a plan ends its share, and setting a share ends its plan. Throws not_found, insufficient_scope, and
 * invalid_request as `createClient` does.
 */
export const updateClient = async (
  writers: Writers,
  request: { principal: Principal; clientId: string; change: ClientChange },
  { plans, clock, forget }: ClientTools & { forget: (workspaceId: string) => void },
): Promise<Client> => {
  const { principal, clientId, change } = request;
  assertLive(principal);
  const client = await findClient(writers.clients, principal, clientId);
  checkTerms({ plan: change.plan ?? null, share: change.share ?? null }, plans);
  const at = clock();
  const changed: Client = { ...client, ...change, ...termsOf(client, change), updatedAt: at };
  await writers.clients.update(changed);
  await writers.audit.append({
    workspaceId: client.parentId,
    actor: principalName(principal),
    action: 'workspace.update',
    target: client.id,
    detail: { fields: Object.keys(change) },
    at,
  });
  writers.afterCommit(() => forget(client.id));
  return changed;
};

const termsOf = (client: Client, change: ClientChange): Pick<Client, 'plan' | 'share'> => {
  if (change.plan) return { plan: change.plan, share: null };
  if (change.share) return { plan: null, share: change.share };
  // what is taken away leaves the parent's quota, without a limit of its own
  const ends = client.plan === null ? change.share === null : change.plan === null;
  if (ends) return { plan: null, share: { messagesPerMonth: null, warnAt: null } };
  return { plan: client.plan, share: client.share };
};
