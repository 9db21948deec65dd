import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { type Principal, principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import type { PlanCatalogue } from '../usage/plan-catalogue.ts';
import { checkQuota, type QuotaLimits } from '../usage/quota-limits.ts';
import type { Client } from './client.ts';
import { assertLive } from './find-client.ts';

/** More clients than one agency has ever had: past it somebody makes workspaces in a loop. */
const maxClients = 10_000;

/** A share without a limit of its own: its messages count on the parent's quota, as those of others do. */
const wholeShare: QuotaLimits = { messagesPerMonth: null, warnAt: null };

export type NewClient = {
  name: string;
  /** At most one of these two; a share without a limit of its own where both are null. */
  plan: string | null;
  share: QuotaLimits | null;
  branding: Record<string, string>;
  metadata: Record<string, string>;
};

/** What making and changing clients needs. */
export type ClientTools = { plans: PlanCatalogue; clock: Clock };

/**
 * Makes a client workspace below the principal's. Throws insufficient_scope in test mode and where the principal is limited
 * to bots or is a client itself, plan_limit_reached, and invalid_request for an unknown plan or for terms that contradict each other.
 */
export const createClient = async (
  writers: Writers,
  request: { principal: Principal; wanted: NewClient },
  { plans, clock }: ClientTools,
): Promise<Client> => {
  const { principal, wanted } = request;
  assertLive(principal);
  const parent = await writers.workspaces.find(principal.workspaceId);
  if (principal.botIds !== null || parent?.parentId !== null) {
    const who = principal.botIds === null ? 'A client workspace' : 'A key that is limited to some bots';
    throw new ParleyError('insufficient_scope', `${who} cannot have clients of its own.`);
  }
  checkTerms(wanted, plans);
  if ((await writers.clients.count(parent.id)) >= maxClients) {
    throw new ParleyError('plan_limit_reached', `A workspace has at most ${maxClients} clients.`);
  }
  const at = clock();
  const client: Client = {
    ...wanted,
    id: newId('ws'),
    parentId: parent.id,
    share: wanted.plan === null ? (wanted.share ?? wholeShare) : null,
    createdAt: at,
    updatedAt: at,
  };
  await writers.clients.insert(client);
  await writers.audit.append({
    workspaceId: parent.id,
    actor: principalName(principal),
    action: 'workspace.create',
    target: client.id,
    detail: { name: client.name, plan: client.plan },
    at,
  });
  return client;
};

/** Refuses terms that contradict each other, and a plan that there is not. */
export const checkTerms = ({ plan, share }: Pick<NewClient, 'plan' | 'share'>, { plans }: PlanCatalogue): void => {
  if (plan !== null && share !== null) {
    throw new ParleyError('invalid_request', 'A workspace has a `plan` or a `share`, not both.', { param: 'share' });
  }
  if (plan !== null && !plans.has(plan)) {
    throw new ParleyError('invalid_request', 'There is no such plan. `GET /v1/plans` lists them.', { param: 'plan' });
  }
  checkQuota(share, 'share');
};
