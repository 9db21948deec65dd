import { expect, test } from 'vitest';
import { isWithin } from '../kit/client-address.ts';
import { ConfigError } from './config-error.ts';
import { readConfig } from './config.ts';
import { readEnv } from './env.ts';

test('nobody is a trusted proxy unless they are named', () => {
  expect(readConfig(readEnv({})).trustedProxies).toEqual([]);
  const { trustedProxies } = readConfig(readEnv({ PARLEY_TRUSTED_PROXIES: ' 10.0.0.0/8,2001:db8::/32 , 192.0.2.7,' }));
  expect(['10.1.2.3', '192.0.2.7', '2001:db8::1'].every((address) => isWithin(trustedProxies, address))).toBe(true);
  expect(['11.1.2.3', '192.0.2.8', '2001:db9::1'].some((address) => isWithin(trustedProxies, address))).toBe(false);
});

test.each(['*', 'true', 'loopback', '10.0.0.0/33', 'proxy.example', '10.0.0.1;10.0.0.2'])(
  'a proxy called %j stops the start',
  (text) => {
    expect(() => readConfig(readEnv({ PARLEY_TRUSTED_PROXIES: text }))).toThrow(ConfigError);
  },
);

test('limits of visitors are whole numbers of one at least', () => {
  const { visitors } = readConfig(readEnv({ PARLEY_VISITOR_MESSAGES_PER_DAY: '7' }));
  expect(visitors.messagesPerDay.visitor).toBe(7);
  for (const text of ['0', '-1', '1.5', 'many']) {
    expect(() => readConfig(readEnv({ PARLEY_BOT_MESSAGES_PER_DAY: text }))).toThrow(ConfigError);
  }
});
