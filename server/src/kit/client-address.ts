import ipaddr from 'ipaddr.js';

/** A set of addresses, as `10.0.0.0/8`, `fd00::/8` or one address. */
export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An IPv6 customer has a /64 at least, with more addresses than anybody can count: they are one. */
const ipv6Bits = 64;

/** Null where the text is no network. */
export const parseNetwork = (text: string): Network | null => {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return null;
  }
};

export const isWithin = (networks: readonly Network[], text: string): boolean => {
  if (networks.length === 0 || !ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return networks.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
};

/**
 * The name under which requests of an address are counted: an IPv4 address, also where it is written as IPv6; of an IPv6
 * address its /64. What is no address is one name together.
 */
export const countedAddress = (text: string): string => {
  if (!ipaddr.isValid(text)) return 'unknown';
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${address.parts
    .slice(0, ipv6Bits / 16)
    .map((part) => part.toString(16))
    .join(':')}::/${ipv6Bits}`;
};
