import type { ChannelListener, ReplicaChannel } from '../core/replica/replica-channel.ts';
import type { RedisLink } from './redis-link.ts';

/**
 * Messages over Redis' channels (https://redis.io/docs/latest/develop/pubsub/): one for all processes, and one for each.
 * Two subscriptions a process, however many turns it reads. Nothing is stored.
 */
export const openRedisChannel = async (
  link: RedisLink,
  { replica, listener }: { replica: string; listener: ChannelListener },
): Promise<ReplicaChannel> => {
  const everybody = `${link.prefix}:all`;
  const channelOf = (name: string): string => `${link.prefix}:to:${name}`;
  let subscribed = false;
  let closed = false;
  const subscribe = async (): Promise<void> => {
    subscribed = false;
    try {
      await link.told.subscribe(everybody, channelOf(replica));
      subscribed = true;
      listener.opened();
    } catch {
      // it is lost again, which the next connection mends, or does not answer: then a new one is made
      if (!closed && link.told.status === 'ready') link.told.disconnect(true);
    }
  };
  link.told.on('message', (_channel: string, message: string) => listener.received(message));
  link.told.on('close', () => (subscribed = false));
  if (link.told.status === 'ready') await subscribe();
  link.told.on('ready', () => void subscribe());
  return {
    carriesText: true,
    get ready() {
      return subscribed && link.answers && link.isTold;
    },
    async send(message, to) {
      if (!link.answers) return false;
      try {
        return (await link.commands.publish(to === null ? everybody : channelOf(to), message)) > 0;
      } catch (error) {
        link.doubt(error);
        return false;
      }
    },
    close() {
      closed = true;
      link.close();
      return Promise.resolve();
    },
  };
};
