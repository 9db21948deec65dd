import type { Writers } from '../store.ts';
import type { Attempt } from './attempt-delivery.ts';
import type { ClaimedDelivery } from './webhook-delivery.ts';

/** An endpoint of which every attempt has failed for so long is disabled, once a delivery to it is given up. */
export const disabledAfterMs = 5 * 24 * 60 * 60 * 1_000;

/**
 * Stores how an attempt ended, and what it says of the endpoint: one that answers 410, or has failed for days, is
 * disabled. An attempt that somebody else has taken over meanwhile changes nothing.
 */
export const noteAttempt = async (
  writers: Writers,
  delivery: ClaimedDelivery,
  { result, endpoint, gone }: Attempt,
): Promise<void> => {
  if (!(await writers.webhookDeliveries.finish(delivery, result))) return;
  const failed = result.status !== 'delivered';
  if (!endpoint || result.error === 'subject_deleted' || result.error === 'endpoint_disabled') return;
  if (failed || endpoint.failingSince !== null) {
    const { workspaceId, id } = endpoint;
    await writers.webhookEndpoints.noteAttempt(workspaceId, id, { failed, at: result.at });
  }
  const failing =
    result.status === 'failed' &&
    endpoint.failingSince !== null &&
    result.at - endpoint.failingSince >= disabledAfterMs;
  if (!gone && !failing) return;
  const current = await writers.webhookEndpoints.find(endpoint.workspaceId, endpoint.id);
  // what was sent to where it no longer points says nothing of it
  if (current?.status !== 'enabled' || current.updatedAt !== endpoint.updatedAt) return;
  const reason = gone ? 'gone' : 'failing';
  await writers.webhookEndpoints.update({
    ...current,
    status: 'disabled',
    disabledReason: reason,
    updatedAt: Math.max(current.updatedAt, result.at),
  });
  await writers.audit.append({
    workspaceId: endpoint.workspaceId,
    actor: 'system',
    action: 'webhook_endpoint.disable',
    target: endpoint.id,
    detail: { reason },
    at: result.at,
  });
};
