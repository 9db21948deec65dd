import type { LiveTurn } from '../core/turn/live-turns.ts';
import type { StopRequest } from '../core/turn/turn.ts';
import type { TurnProgressReader } from '../core/turn/turn-progress.ts';
import type { TurnRelay } from '../core/turn/turn-relay.ts';
import type { TurnReader } from '../core/turn/turn-store.ts';
import { FollowedLogs, type FollowedEnds } from './followed-logs.ts';
import { LogPublisher } from './log-publisher.ts';
import type { ReplicaBus } from './replica-bus.ts';

/** The turns of this process, as far as other processes have to do with them. */
export type OwnTurns = FollowedEnds & {
  find: (turnId: string) => LiveTurn | undefined;
  stop: (turnId: string, request: StopRequest) => void;
};

export type ReplicaRelay = TurnRelay & {
  /** Turns of others that are followed here, and turns of this process that others read. */
  readonly counts: { followed: number; published: number };
  close(): void;
};

/** Turns between the processes of an installation, over the bus and by way of the store. */
export const createReplicaRelay = (parts: {
  bus: ReplicaBus;
  turns: Pick<TurnReader, 'find' | 'findRecord' | 'findCharge'>;
  progress: TurnProgressReader;
  own: OwnTurns;
  onError: (error: unknown) => void;
}): ReplicaRelay => {
  const { bus, own } = parts;
  const publisher = new LogPublisher(bus, own.find);
  const followed = new FollowedLogs({ ...parts, ends: own });
  bus.on('stop', ({ turnId, request }) => own.stop(turnId, request));
  return {
    follow: (turn) => followed.follow(turn),
    accompany: (turn, log, waits) => followed.accompany(turn, log, waits),
    started(turnId) {
      followed.cameHere(turnId);
      bus.tell({ type: 'started', turnId });
    },
    stop: (turnId, request) => bus.tell({ type: 'stop', turnId, request }),
    // one that nobody can tell that they read must suppose so
    wantsLog: (turnId) => !bus.ready || publisher.storesLog(turnId),
    get readHere() {
      return followed.read;
    },
    get counts() {
      return { followed: followed.size, published: publisher.size };
    },
    close() {
      publisher.close();
      followed.close();
    },
  };
};
