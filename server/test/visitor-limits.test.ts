import { describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { startScriptedProvider } from './scripted-provider.ts';
import { makePublishableKey, makeUserTokenSecret, openPage, signUserToken, type WebPage } from './web-page.ts';

const withServer = async (
  env: Record<string, string>,
  work: (server: Server, key: string, botId: string) => Promise<void>,
) => {
  const server = await boot({ env });
  try {
    const botId = await server.makeBot();
    const { secret } = await makePublishableKey(server, botId);
    await work(server, secret, botId);
  } finally {
    await server.close();
  }
};

const codeOf = ({ status, body }: { status: number; body: { error?: { code: string } } }): string | number =>
  body.error?.code ?? status;

/** As behind a proxy that says who the client is. */
const from = (server: Server, key: string, address: string): WebPage =>
  openPage(server.url, key, { headers: { 'x-forwarded-for': address } });

describe('messages of a day', () => {
  it('are counted by visitor', () =>
    withServer({ PARLEY_VISITOR_MESSAGES_PER_DAY: '2' }, async (server, key) => {
      const page = openPage(server.url, key);
      // the first, of somebody unknown, is counted for the address
      const fates = [];
      for (let sent = 0; sent < 4; sent++) fates.push(codeOf(await page.chat('Hi')));
      expect(fates).toEqual([200, 200, 200, 'rate_limited']);
      const refused = await page.chat('Hi');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_600);
      expect(refused.headers.get('access-control-allow-origin')).not.toBeNull();
      expect((await page.send('GET', '/v1/conversations')).status).toBe(200);
    }));

  it('are counted by address, whatever else changes', () =>
    withServer({ PARLEY_ADDRESS_MESSAGES_PER_DAY: '4' }, async (server, key, botId) => {
      const { secret } = await makeUserTokenSecret(server, botId);
      const other = await makePublishableKey(server, botId);
      const named = openPage(server.url, key);
      named.userToken = await signUserToken(secret, { sub: 'anna', bot_id: botId });
      const again = openPage(server.url, key);
      const pages = [openPage(server.url, key), again, again, named];
      for (const page of pages) expect(codeOf(await page.chat('Hi'))).toBe(200);
      const otherName = openPage(server.url, key);
      otherName.userToken = await signUserToken(secret, { sub: 'berta', bot_id: botId });
      const tries = [
        again,
        named,
        otherName,
        openPage(server.url, key),
        openPage(server.url, other.secret),
        openPage(server.url, key, { headers: { 'x-forwarded-for': '203.0.113.9' } }),
        openPage(server.url, key, { headers: { 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' } }),
        openPage(server.url, key, { headers: { 'user-agent': 'another', cookie: 'a=b' } }),
      ];
      for (const page of tries) expect(codeOf(await page.chat('Hi'))).toBe('rate_limited');
    }));

  it('are counted by bot', () =>
    withServer(
      { PARLEY_BOT_MESSAGES_PER_DAY: '2', PARLEY_TRUSTED_PROXIES: '127.0.0.1' },
      async (server, key, botId) => {
        const fates = [];
        for (const end of [1, 2, 3]) fates.push(codeOf(await from(server, key, `203.0.113.${end}`).chat('Hi')));
        expect(fates).toEqual([200, 200, 'rate_limited']);
        const served = await server.send('POST', '/v1/chat', { body: { bot_id: botId, message: 'Hi' } });
        expect(served.status, 'the customer has no part in it').toBe(200);
      },
    ));
});

describe('new visitors of an address', () => {
  it('are limited, while those who are known go on', () =>
    withServer({ PARLEY_ADDRESS_VISITORS_PER_DAY: '2' }, async (server, key) => {
      const known = openPage(server.url, key);
      expect(codeOf(await known.chat('Hi'))).toBe(200);
      expect(codeOf(await openPage(server.url, key).chat('Hi'))).toBe(200);
      expect(codeOf(await openPage(server.url, key).chat('Hi'))).toBe('rate_limited');
      expect(codeOf(await known.chat('Hi'))).toBe(200);
    }));
});

describe('requests of a minute', () => {
  it('are counted by visitor, who is told what is left', () =>
    withServer({ PARLEY_VISITOR_REQUESTS_PER_MINUTE: '2' }, async (server, key) => {
      const page = openPage(server.url, key);
      await page.chat('Hi');
      const first = await page.send('GET', '/v1/conversations');
      expect(first.headers.get('ratelimit')).toMatch(/^"permin";r=1;t=\d+$/);
      expect(codeOf(await page.send('GET', '/v1/conversations'))).toBe(200);
      expect(codeOf(await page.send('GET', '/v1/conversations'))).toBe('rate_limited');
      expect(codeOf(await openPage(server.url, key).chat('Hi'))).toBe(200);
    }));

  it('of one address cannot use up those of the bot, nor those of the plan', async () => {
    const server = await boot({
      plan: { requests_per_minute: 50 },
      env: {
        PARLEY_ADDRESS_REQUESTS_PER_MINUTE: '5',
        PARLEY_BOT_REQUESTS_PER_MINUTE: '20',
        PARLEY_TRUSTED_PROXIES: '127.0.0.1',
      },
    });
    try {
      const { secret: key } = await makePublishableKey(server, await server.makeBot());
      const loud = from(server, key, '203.0.113.1');
      const fates = [];
      for (let sent = 0; sent < 60; sent++) fates.push(codeOf(await loud.send('GET', '/v1/widget_config')));
      expect(fates.filter((fate) => fate === 200)).toHaveLength(5);
      expect(codeOf(await from(server, key, '203.0.113.2').send('GET', '/v1/widget_config'))).toBe(200);
      expect((await server.send('GET', '/v1/bots')).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('for the embedded page are counted too', () =>
    withServer({ PARLEY_ADDRESS_REQUESTS_PER_MINUTE: '2' }, async (server, key) => {
      const fates = [];
      for (let sent = 0; sent < 3; sent++)
        fates.push((await server.send('GET', `/embed/${key}`, { key: null })).status);
      expect(fates).toEqual([200, 200, 429]);
    }));
});

describe('the address of a client', () => {
  const limit = { PARLEY_ADDRESS_VISITORS_PER_DAY: '1' };

  it('is what the peer says where the peer is a trusted proxy', () =>
    withServer({ ...limit, PARLEY_TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.0/8' }, async (server, key) => {
      expect(codeOf(await from(server, key, '203.0.113.1').chat('Hi'))).toBe(200);
      expect(codeOf(await from(server, key, '203.0.113.2').chat('Hi'))).toBe(200);
      expect(codeOf(await from(server, key, '203.0.113.1').chat('Hi'))).toBe('rate_limited');
      // the last that is not a proxy of ours: what stands before it was written by the client
      expect(codeOf(await from(server, key, '198.51.100.7, 203.0.113.1, 10.1.1.1').chat('Hi'))).toBe('rate_limited');
    }));

  it('is the peer itself where nobody is trusted, and where somebody else is', async () => {
    for (const env of [{}, { PARLEY_TRUSTED_PROXIES: '10.0.0.0/8' }]) {
      await withServer({ ...limit, ...env }, async (server, key) => {
        expect(codeOf(await from(server, key, '203.0.113.1').chat('Hi'))).toBe(200);
        expect(codeOf(await from(server, key, '203.0.113.2').chat('Hi'))).toBe('rate_limited');
      });
    }
  });

  it('is counted by its /64 where it is IPv6, and once however it is written', () =>
    withServer({ ...limit, PARLEY_TRUSTED_PROXIES: '127.0.0.1' }, async (server, key) => {
      expect(codeOf(await from(server, key, '2001:db8:1:2::1').chat('Hi'))).toBe(200);
      expect(codeOf(await from(server, key, '2001:db8:1:2:ffff::9').chat('Hi'))).toBe('rate_limited');
      expect(codeOf(await from(server, key, '2001:db8:1:3::1').chat('Hi'))).toBe(200);
      expect(codeOf(await from(server, key, '203.0.113.5').chat('Hi'))).toBe(200);
      expect(codeOf(await from(server, key, '::ffff:203.0.113.5').chat('Hi'))).toBe('rate_limited');
      expect(codeOf(await from(server, key, 'nonsense').chat('Hi'))).toBe(200);
      expect(codeOf(await from(server, key, 'other nonsense').chat('Hi'))).toBe('rate_limited');
    }));
});

describe('open streams of visitors', () => {
  it('are limited by visitor, so that nobody holds those of the plan', async () => {
    const told = Promise.withResolvers<void>();
    const provider = await startScriptedProvider(async (call) => {
      await told.promise;
      call.say('Yes.');
      call.end();
    });
    const server = await boot({ plan: { concurrent_streams: 100 }, providerUrl: provider.url });
    try {
      const botId = await server.makeBot();
      const { secret } = await makePublishableKey(server, botId);
      const page = openPage(server.url, secret);
      const body = { message: 'Anybody there?', stream: true, new_conversation: true };
      const streams = [];
      for (let opened = 0; opened < 5; opened++) streams.push(await page.open('POST', '/v1/chat', { body }));
      expect(streams.map(({ response }) => response.status)).toEqual([200, 200, 200, 200, 200]);
      const refused = await page.send('POST', '/v1/chat', { body });
      expect(codeOf(refused)).toBe('too_many_streams');
      told.resolve();
      await Promise.all(streams.map(({ done }) => done));
      expect((await page.open('POST', '/v1/chat', { body })).response.status).toBe(200);
    } finally {
      told.resolve();
      await server.close();
      await provider.close();
    }
  });
});
