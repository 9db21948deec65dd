import { type Network, parseNetwork } from '../kit/client-address.ts';
import type { ValueReader } from './value-reader.ts';

/** Limits for visitors behind publishable keys; the same shape as core's. */
export type VisitorConfig = Readonly<{
  requestsPerMinute: { visitor: number; address: number; bot: number };
  messagesPerDay: { visitor: number; address: number; bot: number };
  newVisitorsPerDay: number;
}>;

/** More proxies in a row, or networks of a provider, than anybody lists by hand. */
const maxProxies = 100;
const maxLimit = 1_000_000_000;

export const readVisitorLimits = (read: ValueReader): VisitorConfig => ({
  requestsPerMinute: {
    visitor: read.integer('PARLEY_VISITOR_REQUESTS_PER_MINUTE', 1, maxLimit),
    address: read.integer('PARLEY_ADDRESS_REQUESTS_PER_MINUTE', 1, maxLimit),
    bot: read.integer('PARLEY_BOT_REQUESTS_PER_MINUTE', 1, maxLimit),
  },
  messagesPerDay: {
    visitor: read.integer('PARLEY_VISITOR_MESSAGES_PER_DAY', 1, maxLimit),
    address: read.integer('PARLEY_ADDRESS_MESSAGES_PER_DAY', 1, maxLimit),
    bot: read.integer('PARLEY_BOT_MESSAGES_PER_DAY', 1, maxLimit),
  },
  newVisitorsPerDay: read.integer('PARLEY_ADDRESS_VISITORS_PER_DAY', 1, maxLimit),
});

/** `10.0.0.0/8, 192.0.2.7`: the peers whose word on who the client is counts. None by default. */
export const readTrustedProxies = (read: ValueReader): readonly Network[] => {
  const parts = (read.text('PARLEY_TRUSTED_PROXIES') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const networks = parts.map(parseNetwork).filter((network) => network !== null);
  if (networks.length < parts.length || parts.length > maxProxies) {
    read.wrong(
      'PARLEY_TRUSTED_PROXIES',
      `must be at most ${maxProxies} addresses or networks separated by commas, like 10.0.0.0/8`,
    );
  }
  return networks;
};
