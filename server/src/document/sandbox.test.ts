import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeIsolation, startSandboxed } from './sandbox.ts';

const probe = join(import.meta.dirname, '../../test/documents/probe-sandbox.ts');

let connections = 0;
const canary = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

beforeAll(async () => {
  canary.listen(0, '127.0.0.1');
  await once(canary, 'listening');
});
afterAll(() => canary.close());

const portOf = (): string => String((canary.address() as AddressInfo).port);

/** What came of each way out that the probe tried. */
const reportOf = async (child: ChildProcess): Promise<Record<string, string>> => {
  let output = '';
  let complaint = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  await once(child, 'close');
  expect(complaint).toBe('');
  return JSON.parse(output) as Record<string, string>;
};

const plain = { env: {}, stdio: ['ignore', 'pipe', 'pipe'] } as const satisfies SpawnOptions;

test('a program outside the sandbox finds its ways out, or the test of the others says nothing', async () => {
  const before = connections;
  const report = await reportOf(spawn(process.execPath, ['--no-warnings', probe, portOf()], plain));
  expect(report).toMatchObject({ net: 'done', builtin: 'done', readFile: 'done', readServer: 'done', program: 'done' });
  expect(connections).toBeGreaterThan(before);
});

test.each(['namespace', 'hooks'] as const)('a program in the sandbox has no way out, kept by %s', async (kept) => {
  const before = connections;
  const isolation = kept === 'namespace' ? await probeIsolation() : kept;
  const report = await reportOf(
    startSandboxed({ entry: probe, arguments: [portOf()], readable: [probe], isolation, heapBytes: 200_000_000 }),
  );
  const { environment, ...ways } = report;
  expect(Object.keys(ways).length).toBeGreaterThan(15);
  for (const [way, outcome] of Object.entries(ways)) expect(outcome, way).toMatch(/^refused/);
  expect(environment).toBe('gone');
  expect(connections).toBe(before);
});

test('a namespace alone leads nowhere, and is said to be there only where this system lets a user make one', async () => {
  const before = connections;
  const child = spawn('unshare', ['-rn', process.execPath, '--no-warnings', probe, portOf()], plain);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.resume();
  await once(child, 'close');
  const { net } = JSON.parse(output || '{"net":"not started"}') as { net: string };
  expect(net).toBe((await probeIsolation()) === 'namespace' ? 'refused ENETUNREACH' : 'not started');
  expect(connections).toBe(before);
});
