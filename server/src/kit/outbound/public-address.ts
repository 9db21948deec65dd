import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { globalIpv6Range, specialIpv4Ranges, specialIpv6Ranges, wrappedIpv4Ranges } from './special-ranges.ts';

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

const parsed = (ranges: readonly string[]): Range[] => ranges.map((range) => ipaddr.parseCIDR(range));

const specialIpv4 = parsed(specialIpv4Ranges);
const specialIpv6 = parsed(specialIpv6Ranges);
const wrappedIpv4 = parsed(wrappedIpv4Ranges);
const globalIpv6 = ipaddr.parseCIDR(globalIpv6Range);

const within = (address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean =>
  ranges.some(([network, bits]) => address.match(network, bits));

const isPublicIpv4 = (address: ipaddr.IPv4): boolean => address.range() === 'unicast' && !within(address, specialIpv4);

const isPublicIpv6 = (address: ipaddr.IPv6): boolean => {
  if (within(address, wrappedIpv4)) return isPublicIpv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  return address.range() === 'unicast' && address.match(...globalIpv6) && !within(address, specialIpv6);
};

/**
 * True for an address of the public internet that belongs to one machine. Both have to say so: our table, and ipaddr.js.
 * False for whatever is no address in its plain form, and for one with a zone.
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const read = ipaddr.parse(address);
  return read instanceof ipaddr.IPv4 ? isPublicIpv4(read) : isPublicIpv6(read);
};

/** Two spellings of one address are equal in this form: a mapped IPv4 address becomes the plain one. */
export const plainAddress = (address: string): string => ipaddr.process(address.split('%')[0] ?? '').toString();
