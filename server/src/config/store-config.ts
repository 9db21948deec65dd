import { join } from 'node:path';
import type { ValueReader } from './value-reader.ts';

/** Where the data lies: one file of this machine, or a PostgreSQL database that several servers may share. */
export type StoreConfig = Readonly<
  | { kind: 'sqlite'; path: string }
  | {
      kind: 'postgres';
      /** With its password: for the driver alone. */
      url: string;
      /** `host:port/database`, for people and logs. */
      place: string;
      /** Connections of this process at most. */
      poolSize: number;
    }
>;

const defaultPort = '5432';

/** Null, with what is wrong noted; the address is not repeated, since it holds a password. */
const readPlace = (read: ValueReader, text: string): string | null => {
  if (!URL.canParse(text)) {
    read.wrong('DATABASE_URL', 'must be an address such as postgres://user:password@host:5432/parley');
    return null;
  }
  const url = new URL(text);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    read.wrong('DATABASE_URL', 'must begin with postgres:// or postgresql://');
    return null;
  }
  const host = url.hostname || url.searchParams.get('host');
  const database = url.pathname.slice(1);
  if (!host) read.wrong('DATABASE_URL', 'must name a host, or a folder with a socket as ?host=/run/postgresql');
  else if (database === '') read.wrong('DATABASE_URL', 'must name a database behind the host: postgres://host/parley');
  else if (url.hash !== '') {
    read.wrong('DATABASE_URL', 'must have no # in it: in a password it is written %23');
  } else return `${host}:${url.port || url.searchParams.get('port') || defaultPort}/${database}`;
  return null;
};

export const readStoreConfig = (read: ValueReader, dataDir: string): StoreConfig => {
  const poolSize = read.integer('PARLEY_DATABASE_CONNECTIONS', 2, 500);
  const embedded = { kind: 'sqlite', path: join(dataDir, 'parley.db') } as const;
  const url = read.text('DATABASE_URL');
  if (url === null) return embedded;
  if (read.text('PARLEY_SECRET') === null) {
    read.wrong(
      'PARLEY_SECRET',
      'must be set together with DATABASE_URL, the same for every server: make one with: openssl rand -base64 48',
    );
  }
  const place = readPlace(read, url);
  return place === null ? embedded : { kind: 'postgres', url, place, poolSize };
};
