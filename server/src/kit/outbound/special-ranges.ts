/**
 * Addresses that are not the public internet's, from IANA's registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry), and a few that public
 * clouds use for services of their own.
 */

export const specialIpv4Ranges = [
  '0.0.0.0/8', // this network (RFC 791); Linux connects 0.0.0.0 to itself
  '10.0.0.0/8', // private (RFC 1918)
  '100.64.0.0/10', // carrier NAT (RFC 6598); Alibaba's metadata service lies in it
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's host, for every machine in it
  '169.254.0.0/16', // link-local; the metadata services of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments; Oracle's metadata service
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
] as const;

/** What of 2000::/3, the part of IPv6 that is given out, is not public. All else of IPv6 is not public anyway. */
export const specialIpv6Ranges = [
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID and more
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: the IPv4 address in it is reached through a relay (deprecated by RFC 7526)
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
] as const;

export const globalIpv6Range = '2000::/3';

/** Forms of IPv6 that stand for an IPv4 address, which then decides: mapped ones, and NAT64 (RFC 6052). */
export const wrappedIpv4Ranges = ['::ffff:0:0/96', '64:ff9b::/96'] as const;
