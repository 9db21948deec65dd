import type { Principal } from '../access/principal.ts';
import { covers } from '../access/scope.ts';
import { notFound, ParleyError } from '../error.ts';
import type { Plan } from '../usage/plan.ts';
import type { WorkspaceTermsCache } from '../usage/workspace-terms.ts';

/** Turns whoever works in a workspace into the same one working in a client of it. */
export type ActForClient = <Caller extends { principal: Principal; plan: Plan }>(
  caller: Caller,
  clientId: string,
) => Promise<Caller>;

/**
 * An agency's key or member in one of its client workspaces: with the scopes it has, under the client's plan, as itself in
 * the audit log. Throws insufficient_scope without `workspaces:write` or with a limit to bots, which are never the
 * client's; and not_found for a workspace that is not a client of the caller's.
 */
export const createActForClient =
  (terms: Pick<WorkspaceTermsCache, 'find'>): ActForClient =>
  async (caller, clientId) => {
    const { principal } = caller;
    if (principal.kind === 'visitor' || !covers(principal.scopes, 'workspaces:write')) {
      throw new ParleyError('insufficient_scope', 'Acting for a client needs the scope `workspaces:write`.');
    }
    if (principal.botIds !== null) {
      throw new ParleyError('insufficient_scope', 'A key that is limited to some bots cannot act for a client.');
    }
    const client = await terms.find(clientId);
    if (client?.parentId !== principal.workspaceId) throw notFound('workspace');
    const home = principal.workspaceId;
    return { ...caller, plan: client.plan, principal: { ...principal, workspaceId: clientId, homeWorkspaceId: home } };
  };
