import { expect, test } from 'vitest';
import { countedAddress, isWithin, parseNetwork } from './client-address.ts';

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unix:', 'unknown'],
  ['', 'unknown'],
])('%s is counted as %s', (text, name) => {
  expect(countedAddress(text)).toBe(name);
});

test.each([
  ['10.0.0.0/8', '10.200.3.4', true],
  ['10.0.0.0/8', '::ffff:10.200.3.4', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['fd00::/8', 'fd12::1', true],
  ['fd00::/8', '10.0.0.1', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['10.0.0.0/8', 'nonsense', false],
])('of %s, whether %s is within is %s', (network, address, within) => {
  expect(isWithin([parseNetwork(network)!], address)).toBe(within);
});

test.each(['', 'proxy', '10.0.0.0/33', '10.0.0.0/', '1.2.3.4/8/8'])('%j is no network', (text) => {
  expect(parseNetwork(text)).toBeNull();
});
