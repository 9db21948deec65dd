import type { TurnProgressReader } from '../turn/turn-progress.ts';
import type { OpenChannel } from './replica-channel.ts';

/** What a store that several processes share gives them to work beside each other. */
export interface ReplicaStore {
  /** The same for every process of an installation, and for no other. */
  installationId(): Promise<string>;
  readonly progress: TurnProgressReader;
  /** A way between the processes that needs nothing but the store. */
  readonly openChannel: OpenChannel;
}

export const installationIdName = 'installation_id';
