import { createRedisCounter } from '../bus/redis-counter.ts';
import { openRedisChannel } from '../bus/redis-channel.ts';
import { RedisLink } from '../bus/redis-link.ts';
import { RedisPlaces } from '../bus/redis-places.ts';
import { ReplicaBus } from '../bus/replica-bus.ts';
import { SharedCaches } from '../bus/shared-caches.ts';
import { type CreateCounter, createLocalCounter } from '../core/access/request-counter.ts';
import { noSharedPlaces, type SharedPlaces } from '../core/access/shared-places.ts';
import { systemClock } from '../kit/clock.ts';
import { newId } from '../kit/id.ts';
import type { Environment } from './environment.ts';

/** What this process has in common with the others of its installation. */
export type Replicas = {
  bus: ReplicaBus;
  caches: SharedCaches;
  /** Counters that all processes share where there is Redis. */
  createCounter: CreateCounter;
  /** Open streams of a workspace over all processes, where there is Redis. */
  places: SharedPlaces;
  close(): Promise<void>;
};

/**
 * Joins the other processes on the same store: over Redis where it is configured, over the store itself otherwise and
 * while Redis is away. A process with a store of its own is alone, and all of this does nothing.
 */
export const openReplicas = async ({ config, secrets, logger, store }: Environment): Promise<Replicas> => {
  const bus = new ReplicaBus(newId('node'), (error) => logger.warn({ err: error }, 'other servers are not reached'));
  const caches = new SharedCaches(bus);
  let createCounter = createLocalCounter(systemClock);
  let places: RedisPlaces | null = null;
  const close = async (): Promise<void> => {
    places?.close();
    await bus.close();
  };
  if (store.replicas) {
    const { replica, listener } = bus;
    if (config.redis) {
      const link = new RedisLink({
        url: config.redis.url,
        prefix: `parley:${await store.replicas.installationId()}`,
        onLost: (error) => logger.warn({ err: error }, 'the server works without Redis for now'),
      });
      await link.open();
      // its channel closes the link with it
      bus.add(await openRedisChannel(link, { replica, listener }));
      places = new RedisPlaces(link, replica);
      createCounter = createRedisCounter(link, { key: secrets.keyFor('shared-counters'), clock: systemClock });
    }
    try {
      bus.add(await store.replicas.openChannel({ replica, listener }));
    } catch (error) {
      await close();
      throw error;
    }
  }
  return {
    bus,
    caches,
    createCounter,
    places: places ?? noSharedPlaces,
    close,
  };
};
