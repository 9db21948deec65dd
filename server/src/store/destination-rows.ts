import type { Selectable } from 'kysely';
import type { Destination } from '../core/webhook/event-queue.ts';
import type { Keyring } from '../kit/seal.ts';
import type { OpenedSecrets } from './opened-secrets.ts';
import type { WebhookEndpointsTable } from './tables/webhook-endpoints.ts';
import { toEndpoint } from './webhook-endpoint-store-sql.ts';

/** An endpoint with one of its secrets, or with none. */
export type DestinationRow = Selectable<WebhookEndpointsTable> & {
  secret_id: string | null;
  ciphertext: Uint8Array | null;
};

/** The newest, and while a rotation lasts the one before it. */
const maxSigningSecrets = 2;

/** By workspace, of rows in which those of an endpoint stand together. */
export const toDestinations = (
  rows: readonly DestinationRow[],
  ring: Keyring,
  opened: OpenedSecrets,
): Map<string, Destination[]> => {
  const destinations = new Map<string, Destination[]>();
  let last = '';
  let secrets: string[] = [];
  for (const row of rows) {
    if (last !== row.id) {
      last = row.id;
      secrets = [];
      const ofWorkspace = destinations.get(row.workspace_id);
      const destination = { endpoint: toEndpoint(row), secrets };
      if (ofWorkspace) ofWorkspace.push(destination);
      else destinations.set(row.workspace_id, [destination]);
    }
    const { workspace_id, secret_id: id, ciphertext } = row;
    if (id === null || ciphertext === null || secrets.length === maxSigningSecrets) continue;
    secrets.push(opened.open(ring, { workspace_id, id, purpose: 'webhook_secret', ciphertext }));
  }
  return destinations;
};
