import type { EncryptedSecret } from '../access/encrypted-secret-store.ts';
import type { WebhookEventType } from './event-type.ts';

/** Where a workspace wants its events sent. */
export type WebhookEndpoint = {
  id: string;
  workspaceId: string;
  url: string;
  events: WebhookEventType[];
  description: string;
  status: 'enabled' | 'disabled';
  /** Why the server disabled it: it answered 410, or failed for days; null where a person did, or nobody. */
  disabledReason: 'gone' | 'failing' | null;
  /** Since when every attempt has failed; null where the last one did not. */
  failingSince: number | null;
  createdAt: number;
  updatedAt: number;
};

/** With the secrets that sign for it, newest first, as much as may be shown of them. */
export type EndpointWithSecrets = { endpoint: WebhookEndpoint; secrets: EncryptedSecret[] };

export interface WebhookEndpointReader {
  find(workspaceId: string, endpointId: string): Promise<WebhookEndpoint | null>;
  /** All of a workspace, newest first; their number is limited. */
  list(workspaceId: string): Promise<WebhookEndpoint[]>;
}

export interface WebhookEndpointStore extends WebhookEndpointReader {
  insert(endpoint: WebhookEndpoint): Promise<void>;
  update(endpoint: WebhookEndpoint): Promise<void>;
  /** Notes how an attempt went; a failure only where none was noted before. */
  noteAttempt(workspaceId: string, endpointId: string, outcome: { failed: boolean; at: number }): Promise<void>;
  /** Its deliveries stay, and are removed by `WebhookDeliveryStore.purge`. */
  remove(workspaceId: string, endpointId: string): Promise<void>;
}
