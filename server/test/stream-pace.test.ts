import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { boot } from './boot.ts';
import { type ProviderCall, startScriptedProvider } from './scripted-provider.ts';

const pieces = Array.from({ length: 24 }, (_, at) => `word${at} `);

it('pieces that follow each other closely come together, each as an event of its own, and the first waits for none', async () => {
  let call: ProviderCall | null = null;
  const provider = await startScriptedProvider((begun) => void (call = begun));
  const server = await boot({ providerUrl: provider.url });
  try {
    const body = { bot_id: await server.makeBot(), message: 'Hello', stream: true };
    const response = await fetch(`${server.url}/v1/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const decoder = new TextDecoder();
    /** As they came from the connection. */
    const reads: string[] = [];
    const read = (async () => {
      for await (const part of response.body!) reads.push(decoder.decode(part, { stream: true }));
    })();
    const text = (): string => reads.join('');
    await expect.poll(() => call).not.toBeNull();
    const model = call as unknown as ProviderCall;
    model.say(pieces[0]!);
    // nothing else is said until it is there
    await expect.poll(text).toContain('word0');
    const before = reads.length;
    // as soon as the one before has had time to arrive, by no timer: however late those are, there is something to gather
    for (const piece of pieces.slice(1)) {
      model.say(piece);
      for (let turns = 0; turns < 10; turns++) await setImmediate();
    }
    await expect.poll(text).toContain('word23');
    expect(reads.length - before).toBeLessThan(pieces.length - 1);
    model.end();
    await read;
    const deltas = [...text().matchAll(/^id: 1-(\d+)\nevent: reply\.delta\ndata: (.+)$/gm)];
    const said = deltas.map(([, , data]) => (JSON.parse(data!) as { text: string }).text);
    expect(said.join('')).toBe(pieces.join(''));
    expect(deltas.map(([, number]) => Number(number))).toEqual(deltas.map((_, at) => at + 2));
    // what the model says in one piece may be one event with the next, where both came in one read
    expect(deltas.length).toBeGreaterThan(reads.length - before);
  } finally {
    await server.close();
    await provider.close();
  }
});
