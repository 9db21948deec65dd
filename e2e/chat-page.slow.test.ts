import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../server/src/store/open-store.ts';
import { boot, type Server } from '../server/test/boot.ts';
import { blocksOf, readPages } from '../server/test/documentation.ts';
import { findChromium } from './find-chromium.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { type ProviderCall, type ScriptedProvider, startScriptedProvider } from '../server/test/scripted-provider.ts';
import { databaseOf } from '../server/test/test-database.ts';
import { makePublishableKey, makeUserTokenSecret, signUserToken } from '../server/test/web-page.ts';

/** A real browser on real pages: the one that docs/browsers.md gives to paste, and the one that is served to be framed. */

const executablePath = findChromium();

const launchOptions = {
  executablePath: executablePath ?? '',
  // the sandbox of Chromium refuses to run for root
  args: getuid?.() === 0 ? ['--no-sandbox'] : [],
};

/** A browser takes its time, above all on a busy machine. */
const expectSoon = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 20_000 });

describe.skipIf(executablePath === null)('in a browser', () => {
  let provider: ScriptedProvider;
  let server: Server;
  let shop: PageServer;
  let elsewhere: PageServer;
  let browser: Browser;
  let page: Page;
  let botId: string;
  let key: string;
  let calls: ProviderCall[];
  /** What went wrong in the page, as its console says it. */
  let complaints: string[];

  beforeAll(async () => {
    provider = await startScriptedProvider((call) => void calls.push(call));
    server = await boot({ providerUrl: provider.url });
    shop = await startPageServer();
    elsewhere = await startPageServer();
    browser = await chromium.launch(launchOptions);
  });
  afterAll(async () => {
    await browser.close();
    for (const call of calls) call.end();
    await server.close();
    await Promise.all([shop.close(), elsewhere.close(), provider.close()]);
  });

  beforeEach(async () => {
    calls = [];
    complaints = [];
    botId = await server.makeBot({ name: 'Nino', greeting: 'Hello!', branding: { color: '#aa3355' } });
    ({ secret: key } = await makePublishableKey(server, botId, [shop.origin]));
    const toPaste = (beginning: string): string =>
      blocksOf(readPages().find(({ path }) => path === 'docs/browsers.md')!)
        .find(({ text }) => text.startsWith(beginning))!
        .text.replace('https://parley.example', server.url)
        .replace('prl_pub_…', key);
    const pasted = toPaste('<!doctype html>');
    const viewport = '<meta name="viewport" content="width=device-width" />';
    const framing = `<!doctype html><title>Shop</title>${viewport}${toPaste('<iframe')}`;
    for (const site of [shop, elsewhere]) {
      site.put('/', pasted);
      site.put('/framed', framing);
    }
    const context = await browser.newContext();
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => page.context().close());

  const turnsOfBot = async () => {
    const { body } = await server.send('GET', `/v1/conversations?bot_id=${botId}`);
    return body.data as { id: string; user_id: string }[];
  };
  const nextCall = async (number: number): Promise<ProviderCall> => {
    await expectSoon(() => calls.length).toBeGreaterThanOrEqual(number);
    return calls[number - 1]!;
  };
  const say = async (text: string): Promise<void> => {
    await page.fill('#text', text);
    await page.press('#text', 'Enter');
  };
  /** As the job does it an hour after the end of a turn. */
  const expireLogs = async () => {
    const { place } = await databaseOf(server.dataDir);
    const store = await openStore(place, { migrate: false });
    await store.turns.pruneLogs(Date.now() + 1_000, 1_000);
    await store.close();
  };
  const lines = () => page.locator('#chat p').allTextContents();

  describe('a page with a publishable key', () => {
    it('chats from an allowed origin, as one visitor', async () => {
      await page.goto(shop.origin);
      await say('Do you ship?');
      const call = await nextCall(1);
      call.say('Yes, ');
      await expectSoon(lines).toEqual(['You: Do you ship?', 'Yes,']);
      call.say('worldwide.');
      call.end();
      await expectSoon(lines).toEqual(['You: Do you ship?', 'Yes, worldwide.']);
      await say('Really?');
      const second = await nextCall(2);
      second.say('Really.');
      second.end();
      await expectSoon(async () => (await lines()).at(-1)).toBe('Really.');
      expect(await turnsOfBot()).toEqual([expect.objectContaining({ user_id: expect.stringMatching(/^visitor_/) })]);
      expect(complaints).toEqual([]);
    });

    it('goes on after a reload in the middle of a reply: the text is whole, and it is one turn', async () => {
      await page.goto(shop.origin);
      await say('Tell me a story');
      const call = await nextCall(1);
      call.say('Once upon a time ');
      await expectSoon(async () => (await lines()).at(-1)).toBe('Once upon a time');
      const turnId = await page.evaluate(() => localStorage.getItem('turn'));
      await page.reload();
      await expectSoon(lines).toEqual(['Once upon a time']);
      call.say('there was a blanket. ');
      await expectSoon(lines).toEqual(['Once upon a time there was a blanket.']);
      await page.reload();
      call.say('The end.');
      call.end();
      const whole = 'Once upon a time there was a blanket. The end.';
      await expectSoon(lines).toEqual([whole]);
      await expectSoon(() => page.evaluate(() => localStorage.getItem('turn'))).toBe('');
      expect(calls).toHaveLength(1);
      const { body } = await server.send('GET', `/v1/turns/${turnId}`);
      expect(body).toMatchObject({ status: 'completed', reply: { content: whole } });
      const [conversation] = await turnsOfBot();
      const { body: messages } = await server.send('GET', `/v1/conversations/${conversation?.id}/messages`);
      expect(messages.data.map(({ content }: { content: string }) => content)).toEqual([
        whole,
        'Tell me a story',
        'Hello!',
      ]);
      expect(complaints).toEqual([]);
    });

    it('becomes a known user by a token, in the same conversation', async () => {
      const { secret } = await makeUserTokenSecret(server, botId);
      await page.goto(shop.origin);
      await say('Hi');
      const first = await nextCall(1);
      first.say('Hello.');
      first.end();
      await expectSoon(lines).toEqual(['You: Hi', 'Hello.']);
      const [before] = await turnsOfBot();
      shop.put('/parley-token', await signUserToken(secret, { sub: 'customer-42', bot_id: botId }), 'text/plain');
      await page.reload();
      await say('I have signed in');
      const second = await nextCall(2);
      second.say('Welcome back.');
      second.end();
      await expectSoon(async () => (await lines()).at(-1)).toBe('Welcome back.');
      shop.remove('/parley-token');
      expect(await turnsOfBot()).toEqual([expect.objectContaining({ id: before?.id, user_id: 'customer-42' })]);
      expect(second.messages.map(({ content }) => content)).toContain('Hello.');
      expect(complaints).toEqual([]);
    });

    it('is refused from another origin, and reads nothing of why', async () => {
      await page.goto(elsewhere.origin);
      await say('Hi');
      await expectSoon(async () => (await lines()).at(-1)).toBe('Failed to fetch');
      const refusal = () => server.logged.findLast(({ operation }) => operation === 'sendMessage');
      await expectSoon(refusal).toMatchObject({ status: 403, code: 'origin_not_allowed' });
      expect(calls).toEqual([]);
      expect(await turnsOfBot()).toEqual([]);
    });

    it('reads no answer to a server key', async () => {
      await page.goto(shop.origin);
      const read = await page.evaluate(
        async ({ url, secret }) => {
          try {
            return (await fetch(`${url}/v1/bots`, { headers: { authorization: `Bearer ${secret}` } })).status;
          } catch (error) {
            return (error as Error).message;
          }
        },
        { url: server.url, secret: server.key },
      );
      expect(read).toBe('Failed to fetch');
    });
  });

  describe('the embedded page', () => {
    const frame = () => page.frameLocator('iframe');
    const bubbles = () => frame().locator('.message').allTextContents();
    const sayInFrame = async (text: string): Promise<void> => {
      await frame().locator('#text').fill(text);
      await frame().locator('#text').press('Enter');
    };
    const whenReady = () => frame().locator('body[data-ready]').waitFor();

    const colour = `getComputedStyle(document.querySelector('header')).backgroundColor`;

    it('works within an allowed origin, in the colour of the bot', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      expect(await frame().locator('h1').textContent()).toBe('Nino');
      expect(await frame().locator('header').evaluate(colour)).toBe('rgb(170, 51, 85)');
      expect(await bubbles()).toEqual(['Hello!']);
      await sayInFrame('Do you ship?');
      const call = await nextCall(1);
      call.say('Yes, ');
      await expectSoon(bubbles).toEqual(['Hello!', 'Do you ship?', 'Yes,']);
      call.say('worldwide.');
      call.end();
      await expectSoon(bubbles).toEqual(['Hello!', 'Do you ship?', 'Yes, worldwide.']);
      expect(await turnsOfBot()).toHaveLength(1);
      expect(complaints).toEqual([]);
    });

    it('fits a small phone as it is pasted', async () => {
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      const widths = `[document.documentElement.scrollWidth, document.documentElement.clientWidth]`;
      const [needed, given] = await page.evaluate<[number, number]>(widths);
      expect(needed).toBe(given);
      const within: [number, number] = await frame().locator('html').evaluate(widths);
      expect(within[0]).toBe(within[1]);
    });

    const usual = 'rgb(31, 95, 139)';
    it.each([
      ['red', 'rgb(255, 0, 0)'],
      ['#a35', 'rgb(170, 51, 85)'],
      ['hsl(120 100% 25%)', 'rgb(0, 128, 0)'],
      ['reddish', usual],
      ['url(https://elsewhere.example/pixel)', usual],
      ['red; background-image: url(https://elsewhere.example/pixel)', usual],
    ])('takes %s for %s', async (color, shown) => {
      await server.send('PATCH', `/v1/bots/${botId}`, { body: { branding: { color } } });
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      expect(await frame().locator('header').evaluate(colour)).toBe(shown);
      expect(complaints).toEqual([]);
    });

    it('goes on after a reload in the middle of a reply', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      await sayInFrame('Tell me a story');
      const call = await nextCall(1);
      call.say('Once upon a time ');
      await expectSoon(async () => (await bubbles()).at(-1)).toBe('Once upon a time');
      await page.reload();
      await expectSoon(bubbles).toEqual(['Hello!', 'Tell me a story', 'Once upon a time']);
      call.say('there was a blanket.');
      call.end();
      await expectSoon(bubbles).toEqual(['Hello!', 'Tell me a story', 'Once upon a time there was a blanket.']);
      await page.reload();
      await expectSoon(bubbles).toEqual(['Hello!', 'Tell me a story', 'Once upon a time there was a blanket.']);
      expect(calls).toHaveLength(1);
      expect(complaints).toEqual([]);
    });

    it('stops a reply when it is told to', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      await sayInFrame('Count');
      const call = await nextCall(1);
      call.say('One, two');
      await expectSoon(async () => (await bubbles()).at(-1)).toBe('One, two');
      await frame().locator('#stop').click();
      await frame().locator('#stop').waitFor({ state: 'hidden' });
      await expectSoon(() => call.aborted).toBe(true);
      expect((await bubbles()).at(-1)).toBe('One, two');
    });

    const inHands = async (status: string): Promise<string> => {
      const [conversation] = await turnsOfBot();
      const changed = await server.send('PATCH', `/v1/conversations/${conversation!.id}`, { body: { status } });
      expect(changed.status).toBe(200);
      return conversation!.id;
    };
    const exchange = async (question: string, answer: string, number: number): Promise<void> => {
      await sayInFrame(question);
      const call = await nextCall(number);
      call.say(answer);
      call.end();
      await frame().locator('.message.running').waitFor({ state: 'detached' });
      await expectSoon(async () => (await bubbles()).at(-1)).toBe(answer);
    };

    it('lets a visitor write on while a person is awaited, and shows what they reply', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      await exchange('Hi', 'Hello.', 1);
      const conversationId = await inHands('human');
      const status = () => frame().locator('#status').textContent();
      await sayInFrame('A person, please');
      await expectSoon(status).toBe('A person will answer here.');
      await sayInFrame('Still there?');
      await expectSoon(async () => (await bubbles()).slice(-3)).toEqual(['A person, please', 'Still there?', '']);
      await expectSoon(status).toBe('A person will answer here.');
      await page.reload();
      await expectSoon(async () => (await bubbles()).slice(-3)).toEqual(['A person, please', 'Still there?', '']);
      const body = { content: 'It leaves today.', author: 'Nino' };
      await server.send('POST', `/v1/conversations/${conversationId}/reply`, { body });
      const said = ['Hello!', 'Hi', 'Hello.', 'A person, please', 'Still there?', 'It leaves today.'];
      await expectSoon(bubbles).toEqual(said);
      await inHands('open');
      await exchange('Thanks', 'You are welcome.', 2);
      expect(complaints).toEqual([]);
    });

    it('shows a reply that ended while it was away, also where its stream is not kept any more', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      await sayInFrame('Tell me a story');
      const call = await nextCall(1);
      call.say('Once upon a time ');
      await expectSoon(async () => (await bubbles()).at(-1)).toBe('Once upon a time');
      await page.goto('about:blank');
      const [conversation] = await turnsOfBot();
      const messages = `/v1/conversations/${conversation!.id}/messages`;
      call.say('there was a blanket.');
      call.end();
      const told = ['Hello!', 'Tell me a story', 'Once upon a time there was a blanket.'];
      await expectSoon(async () => (await server.send('GET', messages)).body.data.length).toBe(told.length);
      await expireLogs();
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      await expectSoon(bubbles).toEqual(told);
      await exchange('And then?', 'The end.', 2);
    });

    it('shows what a model says as text, whatever it is', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      const attack = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
      await sayInFrame(attack);
      const call = await nextCall(1);
      for (const piece of attack.match(/.{1,3}/g) ?? []) call.say(piece);
      call.end();
      await expectSoon(bubbles).toEqual(['Hello!', attack, attack]);
      await page.reload();
      await expectSoon(bubbles).toEqual(['Hello!', attack, attack]);
      expect(await frame().locator('#messages img, #messages script').count()).toBe(0);
      expect(await frame().locator('title').textContent()).toBe('Nino');
      expect(complaints).toEqual([]);
    });

    /** Which way the latest of these runs. */
    const directionOf = (selector: string): Promise<string> =>
      frame()
        .locator('html')
        .evaluate(`getComputedStyle([...document.querySelectorAll('${selector}')].at(-1)).direction`);
    /** Where things stand in the frame, and which way their texts run. */
    const directions = async () => {
      const left = async (selector: string) => (await frame().locator(selector).last().boundingBox())!.x;
      return {
        page: await directionOf('html'),
        asked: await directionOf('.message.user .words'),
        answered: await directionOf('.message.assistant .words'),
        userIsRight: (await left('.message.user')) > (await left('.message.assistant')),
        sendIsRight: (await left('#send')) > (await left('#text')),
      };
    };
    const arabic = 'هل تشحنون إلى باتومي؟';
    const typing = async (text: string): Promise<string> => {
      await frame().locator('#text').fill(text);
      return directionOf('#text');
    };

    it('is laid out from right to left for a bot whose language is written so, and texts by their letters', async () => {
      await server.send('PATCH', `/v1/bots/${botId}`, { body: { language: 'ar', greeting: 'مرحبا!' } });
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      expect([await typing('Batumi?'), await typing(arabic)]).toEqual(['ltr', 'rtl']);
      await exchange(arabic, 'Yes, we do.', 1);
      const swapped = { page: 'rtl', userIsRight: false, sendIsRight: false };
      expect(await directions()).toEqual({ ...swapped, asked: 'rtl', answered: 'ltr' });
      await exchange('Really?', 'نعم.', 2);
      expect(await directions()).toEqual({ ...swapped, asked: 'ltr', answered: 'rtl' });
      await page.reload();
      await whenReady();
      expect(await directions()).toEqual({ ...swapped, asked: 'ltr', answered: 'rtl' });
      expect(complaints).toEqual([]);
    });

    it('keeps its sides for every other bot, and shows Arabic from right to left all the same', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      expect(await typing(arabic)).toBe('rtl');
      await exchange(arabic, 'نعم.', 1);
      const kept = { page: 'ltr', userIsRight: true, sendIsRight: true };
      expect(await directions()).toEqual({ ...kept, asked: 'rtl', answered: 'rtl' });
      expect(complaints).toEqual([]);
    });

    it.each([
      ['ar-EG', 'rtl'],
      ['az-Arab', 'rtl'],
      ['he', 'rtl'],
      ['ka', 'ltr'],
      ['pt-BR', 'ltr'],
      ['ar-xxxxxxxx-ab-x', 'ltr'],
    ])('takes %s to be written %s', async (language, direction) => {
      await server.send('PATCH', `/v1/bots/${botId}`, { body: { language } });
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      expect(await directionOf('html')).toBe(direction);
    });

    it('is not shown within another origin', async () => {
      await page.goto(`${elsewhere.origin}/framed`);
      await expectSoon(() => complaints.join('\n')).toContain('frame-ancestors');
      expect(await frame().locator('#composer').count()).toBe(0);
      expect(calls).toEqual([]);
    });

    it('goes on after a reload within its own site alone, where the browser blocks third-party cookies', async () => {
      const otherSite = shop.origin.replace('127.0.0.1', 'localhost');
      ({ secret: key } = await makePublishableKey(server, botId, [shop.origin, otherSite]));
      shop.put('/framed', `<!doctype html><title>Shop</title><iframe src="${server.url}/embed/${key}"></iframe>`);
      const profile = mkdtempSync(join(tmpdir(), 'parley-browser-'));
      mkdirSync(join(profile, 'Default'));
      const preferences = { profile: { block_third_party_cookies: true, cookie_controls_mode: 1 } };
      writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(preferences));
      const strict = await chromium.launchPersistentContext(profile, launchOptions);
      try {
        await page.context().close();
        page = await strict.newPage();
        const kept: Record<string, string[]> = {};
        for (const [number, origin] of [shop.origin, otherSite].entries()) {
          await page.goto(`${origin}/framed`);
          await whenReady();
          await exchange('Hi', 'Hello.', number + 1);
          await page.reload();
          await whenReady();
          kept[origin] = await bubbles();
        }
        expect(kept).toEqual({ [shop.origin]: ['Hello!', 'Hi', 'Hello.'], [otherSite]: ['Hello!'] });
      } finally {
        await strict.close();
        rmSync(profile, { recursive: true, force: true });
      }
    });

    it('begins anew where its visitor token opens nothing any more', async () => {
      await page.goto(`${shop.origin}/framed`);
      await whenReady();
      await frame()
        .locator('body')
        .evaluate((body) => {
          const told = { visitorToken: 'old', conversationId: 'conv_01k9z3v5e8f6t9w2x4y7z0a1b3', turnId: null };
          localStorage.setItem(`parley ${body.dataset['keyId']}`, JSON.stringify(told));
        });
      await page.reload();
      await whenReady();
      await sayInFrame('Hi');
      const call = await nextCall(1);
      call.say('Hello.');
      call.end();
      await expectSoon(async () => (await bubbles()).at(-1)).toBe('Hello.');
    });
  });
});
