import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { isPublicAddress, plainAddress } from './public-address.ts';
import { specialIpv4Ranges, specialIpv6Ranges } from './special-ranges.ts';

const firstOf = (range: string): ipaddr.IPv4 | ipaddr.IPv6 => ipaddr.parseCIDR(range)[0];

const lastOf = (range: string): string => {
  const [network, bits] = ipaddr.parseCIDR(range);
  const bytes = network.toByteArray().map((byte, at) => byte | (0xff >> Math.min(8, Math.max(0, bits - at * 8))));
  return ipaddr.fromByteArray(bytes).toString();
};

test.each([...specialIpv4Ranges, ...specialIpv6Ranges])('no end of %s is public', (range) => {
  expect([isPublicAddress(firstOf(range).toString()), isPublicAddress(lastOf(range))]).toEqual([false, false]);
});

test('the tables and ipaddr.js know the same ranges, but for a cloud of its own', () => {
  const unknownToLibrary = [...specialIpv4Ranges, ...specialIpv6Ranges].filter(
    (range) => firstOf(range).range() === 'unicast',
  );
  expect(unknownToLibrary).toEqual(['168.63.129.16/32']);
});

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450:4001:81b::200e',
  '2001:4860:4860::8888',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  '',
  'example.com',
  '127.1',
  '0x7f000001',
  '2130706433',
  '::1%lo',
  '2606:4700::1111%eth0',
  '1.1.1.1.',
  '1.1.1.01',
])('%j is no plain address, and so not public', (text) => {
  expect(isPublicAddress(text)).toBe(false);
});

test('two spellings of an address have one plain form', () => {
  expect(plainAddress('::ffff:10.0.0.1')).toBe(plainAddress('10.0.0.1'));
  expect(plainAddress('fe80::1%eth0')).toBe(plainAddress('fe80:0:0:0:0:0:0:1'));
});
