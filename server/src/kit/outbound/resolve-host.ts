import { lookup, Resolver } from 'node:dns/promises';

/** All addresses of a name, IPv4 first. Throws where there is none. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

const tryTimeoutMs = 2_000;
const tries = 2;

/**
 * Asks the name servers of the system, or those given as `address:port`. Not by the system's own look-up: that one
 * occupies a thread of the pool in which the database syncs, and a tenant's slow name server would hold up every commit.
 * It also reads the hosts file, where no tenant's name has to stand.
 */
export const createResolveHost =
  (servers: readonly string[] | null = null): ResolveHost =>
  async (hostname) => {
    const resolver = new Resolver({ timeout: tryTimeoutMs, tries });
    if (servers !== null) resolver.setServers(servers);
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [
      ...(ipv4.status === 'fulfilled' ? ipv4.value : []),
      ...(ipv6.status === 'fulfilled' ? ipv6.value : []),
    ];
    if (addresses.length === 0) {
      throw new Error('the name has no address', { cause: ipv4.status === 'rejected' ? ipv4.reason : undefined });
    }
    return addresses;
  };

/** As the system looks names up, hosts file and all: for names that the operator has listed. */
export const resolveBySystem: ResolveHost = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);
