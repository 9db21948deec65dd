import type { Tenant } from './client.ts';
import type { Operation } from './history.ts';
import type { ModelServer } from './model-server.ts';
import type { StoredState } from './stored-state.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';

/** A rule that was broken; `check.ts` numbers them. */
export type Violation = { invariant: string; what: string };

export type Evidence = {
  history: readonly Operation[];
  state: StoredState;
  tenants: readonly Tenant[];
  model: ModelServer;
  webhooks: WebhookReceiver;
  /** Where the program can be asked now. */
  url: string;
  /** How often a server was killed or paused: each may repeat deliveries. */
  faults: number;
};
