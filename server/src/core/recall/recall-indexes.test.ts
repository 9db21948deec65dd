import { afterEach, describe, expect, it, vi } from 'vitest';
import { packMessages } from './pack-messages.ts';
import { RecallIndexes, type RecallScope } from './recall-indexes.ts';
import type { RecallSource } from './recall-message.ts';
import type { RecallReader } from './recall-store.ts';
import { encodeSegment, maxSegmentMessages } from './segment-codec.ts';

/** Conversations as a database would hold them, and what was read of them. */
class Shelf {
  readonly messages = new Map<string, RecallSource[]>();
  readonly packed = new Map<string, number>();
  revision = 0;
  isSettled = false;
  statements = 0;
  rows = 0;
  segments = 0;
  now = 1_000_000_000;
  readonly waiting: string[] = [];

  /** `seats`: places of a message, of which it takes the first. */
  say(id: string, count: number, words = (seq: number) => `topic${seq}`, seats = 1): void {
    const messages = this.messages.get(id) ?? [];
    this.messages.set(id, messages);
    for (let at = 0; at < count; at++) {
      const seq = (messages.at(-1)?.seq ?? 1 - seats) + seats;
      messages.push({
        seq,
        role: seq % 2 === 1 ? 'user' : 'assistant',
        text: `About ${words(seq)}`,
        tokens: 3,
        createdAt: 0,
      });
    }
  }

  pack(id: string): void {
    this.packed.set(id, this.messages.get(id)?.at(-1)?.seq ?? 0);
  }

  scope(id: string): RecallScope {
    const nextSeq = (this.messages.get(id)?.at(-1)?.seq ?? 0) + 1;
    return {
      id,
      nextSeq,
      isSettled: this.isSettled,
      packedSeq: this.packed.get(id) ?? 0,
      revision: this.revision,
      before: nextSeq,
    };
  }

  readonly recall: Pick<RecallReader, 'segments' | 'unpacked'> = {
    segments: async (_workspaceId, ids, limit) => {
      this.statements += 1;
      const found = ids.flatMap((conversationId) => {
        const packed = packMessages(
          (this.messages.get(conversationId) ?? []).filter(({ seq }) => seq <= (this.packed.get(conversationId) ?? 0)),
        );
        const parts = Array.from({ length: Math.ceil(packed.length / maxSegmentMessages) }, (_, at) =>
          packed.slice(at * maxSegmentMessages, (at + 1) * maxSegmentMessages),
        );
        return parts
          .map((part) => ({
            conversationId,
            firstSeq: part[0]!.message.seq,
            lastSeq: part.at(-1)!.message.seq,
            packed: encodeSegment(part),
          }))
          .toReversed();
      });
      this.segments += Math.min(found.length, limit);
      return found.slice(0, limit);
    },
    unpacked: async (_workspaceId, ranges, limit) => {
      this.statements += 1;
      const found = ranges.flatMap(({ conversationId, after, before }) =>
        (this.messages.get(conversationId) ?? [])
          .filter(({ seq }) => seq > after && seq < before)
          .toReversed()
          .map((message) => ({ ...message, conversationId })),
      );
      this.rows += Math.min(found.length, limit);
      return found.slice(0, limit);
    },
  };

  open(maxBytes?: number): RecallIndexes {
    return new RecallIndexes({
      recall: this.recall,
      onUnpacked: ({ conversationId }) => this.waiting.push(conversationId),
      clock: () => this.now,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
  }

  /** What was read since the last call. */
  read() {
    const { statements, rows, segments } = this;
    Object.assign(this, { statements: 0, rows: 0, segments: 0 });
    return { statements, rows, segments };
  }
}

const places = async (indexes: RecallIndexes, ...scopes: RecallScope[]): Promise<number[]> =>
  (await indexes.load('ws_a', scopes)).flatMap(({ blocks }) =>
    blocks.flatMap(({ messages }) => messages.map(({ seq }) => seq)),
  );
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** As many words as a message may have, none of them twice. */
const manyWords = (seq: number): string => Array.from({ length: 400 }, (_, at) => `w${seq * 400 + at}`).join(' ');

afterEach(() => vi.useRealTimers());

describe('the indexes of conversations', () => {
  it('are read once, and then only by what was added', async () => {
    const shelf = new Shelf();
    shelf.say('a', 300);
    shelf.pack('a');
    const indexes = shelf.open();
    expect(await places(indexes, shelf.scope('a'))).toEqual(upTo(300));
    expect(shelf.read()).toEqual({ statements: 1, rows: 0, segments: 5 });
    await places(indexes, shelf.scope('a'));
    expect(shelf.read()).toEqual({ statements: 0, rows: 0, segments: 0 });
    for (let turn = 1; turn <= 100; turn++) {
      shelf.say('a', 2);
      // the job is not waited for, and changes nothing when it comes
      if (turn % 40 === 0) shelf.pack('a');
      expect(await places(indexes, shelf.scope('a'))).toEqual(upTo(300 + 2 * turn));
      expect(shelf.read()).toEqual({ statements: 1, rows: 2, segments: 0 });
    }
  });

  it('read a message once, although turns leave places empty', async () => {
    const shelf = new Shelf();
    shelf.isSettled = true;
    const indexes = shelf.open();
    for (let turn = 1; turn <= 200; turn++) {
      shelf.say('a', 2, undefined, 8);
      const said = upTo(2 * turn).map((nth) => 8 * nth - 7);
      expect(await places(indexes, shelf.scope('a'))).toEqual(said);
      expect(shelf.read().rows).toBe(2);
    }
  });

  it('read ahead what is shown yet, since it is searched soon', async () => {
    const shelf = new Shelf();
    shelf.isSettled = true;
    const indexes = shelf.open();
    let statements = 0;
    for (let turn = 1; turn <= 110; turn++) {
      shelf.say('a', 2, undefined, 8);
      const scope = shelf.scope('a');
      const before = scope.nextSeq - 20 * 8;
      if (before <= 1) continue;
      const found = await indexes.load('ws_a', [{ ...scope, before }]);
      const known = found.flatMap(({ blocks }) => blocks.flatMap(({ messages }) => messages.map(({ seq }) => seq)));
      expect(known.filter((seq) => seq < before)).toEqual(upTo(2 * turn - 20).map((nth) => 8 * nth - 7));
      statements += shelf.read().statements;
    }
    expect(statements).toBe(10);
  });

  it.each([true, false])(
    'are bounded in what one question reads, however long and settled (%j) a conversation is',
    async (isSettled) => {
      const shelf = new Shelf();
      shelf.isSettled = isSettled;
      shelf.say('packed', 40_000);
      shelf.pack('packed');
      shelf.say('waiting', 2_000);
      const indexes = shelf.open();
      const first = await places(indexes, shelf.scope('waiting'), shelf.scope('packed'));
      expect(shelf.read()).toEqual({ statements: 2, rows: 256, segments: 256 });
      expect(first.length).toBeLessThanOrEqual(256 * maxSegmentMessages + 256);
      expect(first).toContain(2_000);
      expect(shelf.waiting).toEqual(['waiting']);
      // what did not fit is not read again and again
      shelf.say('waiting', 2);
      expect(await places(indexes, shelf.scope('waiting'))).toEqual(upTo(2_002, 1_745));
      expect(shelf.read()).toEqual({ statements: 1, rows: 2, segments: 0 });
      // a little of it is packed, and then all
      shelf.packed.set('waiting', 100);
      expect(await places(indexes, shelf.scope('waiting'))).toEqual([...upTo(100), ...upTo(2_002, 1_747)]);
      shelf.read();
      await places(indexes, shelf.scope('waiting'));
      expect(shelf.read().rows).toBe(0);
      shelf.pack('waiting');
      expect(await places(indexes, shelf.scope('waiting'))).toEqual(upTo(2_002));
    },
  );

  it('leave out the oldest conversations where there is no room for more', async () => {
    const shelf = new Shelf();
    const ids = Array.from({ length: 5 }, (_, nth) => `c${nth}`);
    for (const id of ids) {
      shelf.say(id, 100 * maxSegmentMessages);
      shelf.pack(id);
    }
    const indexes = shelf.open();
    for (let question = 0; question < 3; question++) {
      const found = await indexes.load(
        'ws_a',
        ids.map((id) => shelf.scope(id)),
      );
      expect(found.map(({ conversationId, blocks }) => [conversationId, blocks.length])).toEqual([
        ['c0', 100],
        ['c1', 100],
        ['c2', 56],
      ]);
    }
    expect(shelf.read()).toEqual({ statements: 1, rows: 0, segments: 256 });
  });

  it('are read in parts, the youngest conversation first, where many wait to be packed', async () => {
    const shelf = new Shelf();
    for (const id of ['c', 'b', 'a']) shelf.say(id, 150);
    const indexes = shelf.open();
    const scopes = ['c', 'b', 'a'].map((id) => shelf.scope(id));
    const found: number[] = [];
    for (let question = 0; question < 3; question++) found.push((await places(indexes, ...scopes)).length);
    expect(found).toEqual([256, 406, 450]);
  });

  it('see a reply that came into a place that was kept for it', async () => {
    const shelf = new Shelf();
    shelf.say('a', 6);
    const [reply] = shelf.messages.get('a')!.splice(3, 1);
    const indexes = shelf.open();
    expect(await places(indexes, shelf.scope('a'))).toEqual([1, 2, 3, 5, 6]);
    shelf.messages.get('a')!.splice(3, 0, reply!);
    expect(await places(indexes, shelf.scope('a'))).toEqual(upTo(6));
  });

  it('are made anew at once where messages were taken away', async () => {
    const shelf = new Shelf();
    shelf.say('a', 100);
    shelf.pack('a');
    const indexes = shelf.open();
    await places(indexes, shelf.scope('a'));
    shelf.messages.get('a')!.splice(0, 50);
    shelf.revision += 1;
    expect(await places(indexes, shelf.scope('a'))).toEqual(upTo(100, 51));
  });

  it('are made anew after ten minutes', async () => {
    const shelf = new Shelf();
    shelf.say('a', 100);
    shelf.pack('a');
    const indexes = shelf.open();
    const segments: number[] = [];
    for (let question = 0; question < 3; question++) {
      await places(indexes, shelf.scope('a'));
      segments.push(shelf.read().segments);
      shelf.now += 6 * 60_000;
    }
    expect(segments).toEqual([2, 0, 2]);
  });

  it('are let go of when nobody asked for ten minutes, although nothing else is asked for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const shelf = new Shelf();
    shelf.say('a', 100);
    shelf.pack('a');
    const indexes = shelf.open();
    await places(indexes, shelf.scope('a'));
    expect(indexes.sizeBytes).toBeGreaterThan(0);
    shelf.now += 10 * 60_000;
    vi.advanceTimersByTime(10 * 60_000);
    expect(indexes.sizeBytes).toBe(0);
  });

  it('take no more memory than they may: what was not asked for the longest goes first', async () => {
    const shelf = new Shelf();
    for (let nth = 0; nth < 50; nth++) {
      shelf.say(`c${nth}`, 100);
      shelf.pack(`c${nth}`);
    }
    const indexes = shelf.open(200_000);
    for (let nth = 0; nth < 50; nth++) {
      expect(await places(indexes, shelf.scope(`c${nth}`))).toHaveLength(100);
      expect(indexes.sizeBytes).toBeLessThanOrEqual(200_000);
    }
    shelf.read();
    await places(indexes, shelf.scope('c49'));
    expect(shelf.read().segments).toBe(0);
    await places(indexes, shelf.scope('c0'));
    expect(shelf.read().segments).toBe(2);
  });

  it.each([
    { told: 'packed', isPacked: true, leastBytes: 100 * 400 * 3 },
    { told: 'not packed yet', isPacked: false, leastBytes: 100 * 400 * 20 },
  ])('count for the words of their messages, where they are $told', async ({ isPacked, leastBytes }) => {
    const shelf = new Shelf();
    shelf.say('long', 100, manyWords);
    // behind a place that may yet be filled nothing is packed here
    if (!isPacked) shelf.messages.get('long')!.shift();
    if (isPacked) shelf.pack('long');
    const indexes = shelf.open();
    await places(indexes, shelf.scope('long'));
    expect(indexes.sizeBytes).toBeGreaterThan(leastBytes);
    const small = shelf.open(leastBytes);
    await places(small, shelf.scope('long'));
    expect(small.sizeBytes).toBe(0);
  });

  it('of a question let go of the oldest conversation first', async () => {
    const shelf = new Shelf();
    for (const id of ['old', 'young']) {
      shelf.say(id, 100);
      shelf.pack(id);
    }
    const indexes = shelf.open(20_000);
    await places(indexes, shelf.scope('young'), shelf.scope('old'));
    expect(indexes.sizeBytes).toBeGreaterThan(0);
    shelf.read();
    await places(indexes, shelf.scope('young'));
    expect(shelf.read().segments).toBe(0);
  });

  it('of one workspace are none of another', async () => {
    const shelf = new Shelf();
    shelf.say('a', 10);
    const indexes = shelf.open();
    await indexes.load('ws_a', [shelf.scope('a')]);
    shelf.read();
    await indexes.load('ws_b', [shelf.scope('a')]);
    expect(shelf.read().rows).toBe(10);
  });
});
