import { isIP } from 'node:net';
import { OutboundError } from './outbound-error.ts';
import { isPublicAddress } from './public-address.ts';

/** What the operator allows beside the rules. Never a tenant. */
export type OutboundPolicy = {
  /** `scheme://host[:port]`: whatever lies behind these may be called, on any address. */
  allowOrigins: ReadonlySet<string>;
  /** Ports that may be called beside 80, 443 and 8443. */
  ports: ReadonlySet<number>;
};

/** An address that may be looked up; where its name leads is not known yet. */
export type Target = {
  url: URL;
  /** A name without a dot at its end, or an address without brackets. */
  hostname: string;
  /** The operator has listed its origin. */
  allowed: boolean;
};

const maxUrlCharacters = 2_048;
const maxHostCharacters = 253;
const webPorts: ReadonlySet<number> = new Set([80, 443, 8443]);

/** What browsers and libraries read in different ways: what is checked must be what is called. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const ambiguous = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/;
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
/** At least two labels: a bare name is one of the network the server stands in. */
const publicName = new RegExp(`^(?:${label}\\.)+${label}$`);
/** Names that never lead out of a network (RFC 6761, 6762, 8375, and ICANN's private-use domain). */
const privateSuffix = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|home\.arpa|onion)$/;

const refuse = (message: string): OutboundError => new OutboundError('invalid', { message });

const portOf = (url: URL): number => (url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port));

/** The host as it is looked up; a literal address loses its brackets, a name the dot at its end. */
const bareHost = (url: URL): string =>
  url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname.replace(/\.$/, '');

/**
 * Judges an address by how it is written; nothing is looked up. Throws OutboundError `invalid`, whose message says what
 * is wrong and may be shown.
 */
export const readTarget = (text: string, policy: OutboundPolicy): Target => {
  if (text.length > maxUrlCharacters) throw refuse(`the address has more than ${maxUrlCharacters} characters`);
  if (ambiguous.test(text)) throw refuse('the address must have no spaces, control characters or backslashes');
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw refuse('the address must begin with https:// or http:// and name a host');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refuse('the address must hold no user and no password');
  url.hash = '';
  const hostname = bareHost(url);
  if (isIP(hostname) === 0) url.hostname = hostname;
  if (policy.allowOrigins.has(url.origin)) return { url, hostname, allowed: true };
  if (!webPorts.has(portOf(url)) && !policy.ports.has(portOf(url))) throw refuse('the port may not be called');
  if (isIP(hostname) === 0) assertPublicName(hostname);
  else if (!isPublicAddress(hostname)) throw refuse('the address is not one of the public internet');
  return { url, hostname, allowed: false };
};

const assertPublicName = (hostname: string): void => {
  if (hostname.length > maxHostCharacters || !publicName.test(hostname) || privateSuffix.test(hostname)) {
    throw refuse('the host must be a public name such as example.com');
  }
};
