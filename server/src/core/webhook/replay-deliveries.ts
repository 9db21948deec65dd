import type { KeyManager } from '../access/key-grants.ts';
import { notFound } from '../error.ts';
import type { Writers } from '../store.ts';
import { findEndpoint } from './find-endpoint.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';

/** Failed deliveries that one call makes due: one transaction, which others wait for. */
const maxReplayed = 1_000;

type ReplayTools = { wakeSender: () => void };

/** Sends an event to an endpoint once more, with its id, of what it is about as it is now. Throws not_found. */
export const replayDelivery = async (
  writers: Writers,
  request: { principal: KeyManager; endpointId: string; deliveryId: string },
  { wakeSender }: ReplayTools,
): Promise<WebhookDelivery> => {
  const { workspaceId, id } = await findEndpoint(writers.webhookEndpoints, request.principal, request.endpointId);
  const of = { workspaceId, endpointId: id };
  const replayed = await writers.webhookDeliveries.replay(of, request.deliveryId);
  if (!replayed) throw notFound('delivery');
  writers.afterCommit(wakeSender);
  return replayed;
};

/** Sends every failed event since then once more, the oldest first, as far as one call goes. Throws not_found. */
export const replayFailedDeliveries = async (
  writers: Writers,
  request: { principal: KeyManager; endpointId: string; since: number },
  { wakeSender }: ReplayTools,
): Promise<{ replayed: number; hasMore: boolean }> => {
  const { workspaceId, id } = await findEndpoint(writers.webhookEndpoints, request.principal, request.endpointId);
  const of = { workspaceId, endpointId: id };
  const options = { since: request.since, limit: maxReplayed };
  const replayed = await writers.webhookDeliveries.replayFailed(of, options);
  writers.afterCommit(wakeSender);
  return { replayed, hasMore: replayed === maxReplayed };
};
