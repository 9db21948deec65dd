import type { Dispatcher } from 'undici';
import type { Clock } from '../../kit/clock.ts';

/** What a client of any provider is made of. */
export type ClientOptions = {
  /** With the version; a query is kept. */
  baseUrl: string;
  /** Null for a server that wants none. */
  key: string | null;
  /** How connections are made, where not every address may be reached. It is not closed with the client. */
  dispatcher?: Dispatcher | undefined;
  clock?: Clock | undefined;
};
