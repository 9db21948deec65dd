import { isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { buildConnector } from 'undici';
import { connectSocket } from './connect-socket.ts';
import { OutboundError } from './outbound-error.ts';
import { isPublicAddress, plainAddress } from './public-address.ts';
import { type OutboundPolicy, readTarget, type Target } from './read-target.ts';
import { resolveBySystem, type ResolveHost } from './resolve-host.ts';

/** Of a name's addresses, how many are tried one after the other. */
const maxAddressesTried = 3;

type Endpoint = buildConnector.Options;

/** The addresses of the machine itself: a public one of them would lead around its firewall. */
const isOwnAddress = (address: string): boolean =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .some((own) => plainAddress(own.address) === plainAddress(address));

/** Every address has to be public, not only the one that is called: a name that mixes both is up to something. */
const resolveChecked = async (target: Target, resolve: ResolveHost): Promise<readonly string[]> => {
  if (isIP(target.hostname) !== 0) {
    if (target.allowed || !isOwnAddress(target.hostname)) return [target.hostname];
    throw new Error('the address is one of this machine');
  }
  if (target.allowed) return resolveBySystem(target.hostname);
  const addresses = await resolve(target.hostname);
  const wrong = addresses.find((address) => !isPublicAddress(address) || isOwnAddress(address));
  if (wrong !== undefined) throw new Error('the name leads to an address that may not be called');
  return addresses;
};

/** Certificates are looked at only after the address was checked, so that saying so tells nothing of a private network. */
const isCertificateError = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(?:ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(?:GET|VERIFY))/.test(error.code);

const asOutboundError = (error: unknown): OutboundError => {
  if (error instanceof OutboundError) return error;
  return new OutboundError(isCertificateError(error) ? 'insecure' : 'unreachable', { cause: error });
};

/**
 * Makes connections for undici, each to an address that was checked a moment before. The guard stands here and nowhere
 * above, so that no caller of the dispatcher can go around it, whatever URL it was given; a name that resolves to
 * something else the next time is of no use. The name stays in SNI, in the certificate's check and in `Host`.
 */
export const createGuardedConnector = (options: {
  policy: OutboundPolicy;
  resolve: ResolveHost;
  /** Ends attempts that are under way. */
  signal: AbortSignal;
}): buildConnector.connector => {
  const { policy, resolve, signal } = options;

  const connect = async ({ protocol, hostname, port }: Endpoint): Promise<Socket> => {
    const bare = hostname.replace(/^\[|\]$/g, '');
    const host = isIP(bare) === 6 ? `[${bare}]` : bare;
    const target = readTarget(`${protocol}//${host}${port === '' ? '' : `:${port}`}/`, policy);
    const addresses = await resolveChecked(target, resolve);
    let failure: unknown = null;
    for (const address of addresses.slice(0, maxAddressesTried)) {
      try {
        return await connectSocket(address, target, signal);
      } catch (error) {
        failure = error;
        if (signal.aborted) break;
      }
    }
    throw failure;
  };

  const answer = async (endpoint: Endpoint, callback: buildConnector.Callback): Promise<void> => {
    let socket: Socket;
    try {
      socket = await connect(endpoint);
    } catch (error) {
      callback(asOutboundError(error), null);
      return;
    }
    callback(null, socket);
  };

  return (endpoint, callback) => void answer(endpoint, callback);
};
