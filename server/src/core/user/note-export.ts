import { type Principal, principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import { placeOf } from './user-access.ts';
import { userHash } from './user-hash.ts';

/** Notes in the audit log that everything of a user was read. */
export const noteExport = (
  writers: Writers,
  { principal, userId, at }: { principal: Principal; userId: string; at: number },
): Promise<void> =>
  writers.audit.append({
    workspaceId: principal.workspaceId,
    actor: principalName(principal),
    action: 'user.export',
    target: userHash(placeOf(principal, userId)),
    detail: {},
    at,
  });
