import type { ValueReader } from './value-reader.ts';

/** Where Redis is; what servers on one database share through it can all be made anew. */
export type RedisConfig = Readonly<{
  /** With its password: for the driver alone. */
  url: string;
  /** `host:port/number`, for people and logs. */
  place: string;
}>;

const defaultPort = '6379';

/** Null without Redis. The address is not repeated in what is wrong with it, since it holds a password. */
export const readRedisConfig = (read: ValueReader): RedisConfig | null => {
  const text = read.text('REDIS_URL');
  if (text === null) return null;
  if (read.text('DATABASE_URL') === null) {
    read.wrong('REDIS_URL', 'is for several servers on one DATABASE_URL: set that too, or remove it');
  }
  if (!URL.canParse(text)) {
    read.wrong('REDIS_URL', 'must be an address such as redis://user:password@host:6379/0');
    return null;
  }
  const { protocol, hostname, port, pathname, hash } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    read.wrong('REDIS_URL', 'must begin with redis:// or, for an encrypted connection, rediss://');
  } else if (hostname === '') read.wrong('REDIS_URL', 'must name a host: redis://host:6379');
  else if (hash !== '') read.wrong('REDIS_URL', 'must have no # in it: in a password it is written %23');
  else if (!/^(?:\/\d{0,5})?$/.test(pathname)) {
    read.wrong('REDIS_URL', 'may have nothing but the number of a database behind the host: redis://host:6379/0');
  } else return { url: text, place: `${hostname}:${port || defaultPort}/${pathname.slice(1) || '0'}` };
  return null;
};
