import type { Clock } from '../../kit/clock.ts';
import { type Principal, principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { assertLive, findClient } from './find-client.ts';

/**
 * When what is left is looked for once more: other processes have forgotten by then what they remembered of the workspace,
 * and every request that had begun before its deletion has ended.
 */
const lookAgainMs = 60_000;

/**
 * Deletes a client workspace with everything in it. From then on nothing finds it and no key of it lets anybody in; its
 * rows are removed in batches by a job. Throws not_found, insufficient_scope, and confirmation_required where `confirm` is not its name.
 */
export const deleteClient = async (
  writers: Writers,
  request: { principal: Principal; clientId: string; confirm: string | null },
  { clock, forget }: { clock: Clock; forget: (workspaceId: string) => void },
): Promise<void> => {
  const { principal, clientId, confirm } = request;
  assertLive(principal);
  const client = await findClient(writers.clients, principal, clientId);
  if (confirm !== client.name) {
    throw new ParleyError('confirmation_required', 'Send the exact name of the workspace as `?confirm=`.', {
      param: 'confirm',
    });
  }
  const at = clock();
  await writers.clients.markDeleted(client, at);
  for (const runAt of [at, at + lookAgainMs]) {
    // the job is the installation's: the client's own jobs go with it
    await writers.jobs.enqueue({
      workspaceId: null,
      kind: 'purge-workspace',
      payload: { workspaceId: client.id },
      runAt,
    });
  }
  await writers.audit.append({
    workspaceId: client.parentId,
    actor: principalName(principal),
    action: 'workspace.delete',
    target: client.id,
    detail: { name: client.name },
    at,
  });
  writers.afterCommit(() => forget(client.id));
};
