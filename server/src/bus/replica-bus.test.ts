import { expect, it } from 'vitest';
import type { ReplicaChannel } from '../core/replica/replica-channel.ts';
import { ReplicaBus } from './replica-bus.ts';
import { packMessage, type ReplicaMessage, unpackMessage } from './replica-message.ts';
import { SharedCaches } from './shared-caches.ts';

const messages: ReplicaMessage[] = [
  { type: 'changed', name: 'key', args: ['key_1'] },
  { type: 'stop', turnId: 'turn_1', request: 'cancel' },
  { type: 'deleted', turnIds: ['turn_1', 'turn_2'] },
  { type: 'answered', workspaceId: 'ws_1', conversationId: 'conv_1' },
  { type: 'started', turnId: 'turn_1' },
  { type: 'watch', turnId: 'turn_1', attempt: 1, have: 0, by: 'events', anew: true },
  { type: 'unwatch', turnId: 'turn_1' },
  { type: 'events', turnId: 'turn_1', attempt: 1, behind: 3, events: ['\ud83d', '\ude00 "\n'], end: false },
];

it.each(messages)('$type arrives as it was sent', (message) => {
  expect(unpackMessage(packMessage('node_1', message))).toEqual({ from: 'node_1', message });
});

it.each([
  'no JSON',
  'null',
  '[]',
  '{"from":"node_1","type":"of a later version"}',
  '{"from":"node_1","type":"toString"}',
  '{"from":"node_1","type":"stop","turnId":"turn_1","request":"reboot"}',
  '{"from":"node_1","type":"deleted","turnIds":"turn_1"}',
  '{"from":"node_1","type":"watch","turnId":"turn_1","attempt":-1,"have":0,"by":"events","anew":true}',
  '{"type":"started","turnId":"turn_1"}',
])('%s is passed over', (text) => {
  expect(unpackMessage(text)).toBeNull();
});

const channelOf = (log: string[], name: string, works: () => boolean): ReplicaChannel => ({
  carriesText: false,
  get ready() {
    return works();
  },
  send: () => {
    log.push(name);
    return Promise.resolve(true);
  },
  close: () => Promise.resolve(),
});

it('what is told goes by the first channel that works, or by all where it is asked for', async () => {
  const log: string[] = [];
  let first = true;
  const bus = new ReplicaBus('node_1', () => {});
  bus.add(channelOf(log, 'first', () => first));
  bus.add(channelOf(log, 'second', () => true));
  bus.tell({ type: 'started', turnId: 'turn_1' });
  await expect.poll(() => log).toEqual(['first']);
  bus.tell({ type: 'started', turnId: 'turn_1' }, { everyWay: true });
  await expect.poll(() => log).toEqual(['first', 'first', 'second']);
  first = false;
  bus.tell({ type: 'started', turnId: 'turn_1' });
  await expect.poll(() => log).toEqual(['first', 'first', 'second', 'second']);
});

it('a cache is dropped for changes made here and elsewhere, and whole where they may have been missed', () => {
  const bus = new ReplicaBus('node_1', () => {});
  const forgot: string[] = [];
  const forgetKey = new SharedCaches(bus).share(
    'key',
    (keyId: string) => forgot.push(keyId),
    () => forgot.push('all'),
  );
  forgetKey('key_1');
  bus.listener.received(packMessage('node_2', { type: 'changed', name: 'key', args: ['key_2'] }));
  bus.listener.received(packMessage('node_2', { type: 'changed', name: 'of a later version', args: ['x'] }));
  // one hears oneself, and knows it already
  bus.listener.received(packMessage('node_1', { type: 'changed', name: 'key', args: ['key_1'] }));
  bus.listener.opened();
  expect(forgot).toEqual(['key_1', 'key_2', 'all']);
});
