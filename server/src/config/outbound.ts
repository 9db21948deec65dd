import type { ValueReader } from './value-reader.ts';

/** What may be called beside the public internet's web servers, where a tenant names the address. */
export type OutboundConfig = Readonly<{
  /** `https://host[:port]`, each exactly as a URL spells its origin. */
  allowOrigins: readonly string[];
  /** Beside 80, 443 and 8443. */
  ports: readonly number[];
}>;

const maxEntries = 100;

const entries = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** An origin and nothing else: a path would be believed to be a limit, and is none. */
const isOrigin = (entry: string): boolean =>
  /^https?:\/\/[^/?#@\\\s]+\/?$/.test(entry) && URL.canParse(entry) && new URL(entry).pathname === '/';

export const readOutbound = (read: ValueReader): OutboundConfig => {
  const origins = entries(read.text('PARLEY_OUTBOUND_ALLOW'));
  const ports = entries(read.text('PARLEY_OUTBOUND_PORTS'));
  if (!origins.every(isOrigin) || origins.length > maxEntries) {
    read.wrong(
      'PARLEY_OUTBOUND_ALLOW',
      `must be at most ${maxEntries} origins such as http://n8n.internal:5678, with commas between`,
    );
  }
  if (!ports.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535) || ports.length > maxEntries) {
    read.wrong('PARLEY_OUTBOUND_PORTS', `must be at most ${maxEntries} ports from 1 to 65535, with commas between`);
  }
  return {
    allowOrigins: origins.filter(isOrigin).map((origin) => new URL(origin).origin),
    ports: ports.map(Number),
  };
};
