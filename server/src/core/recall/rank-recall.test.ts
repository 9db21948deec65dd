import { describe, expect, it } from 'vitest';
import { blockOfSegment } from './index-block.ts';
import { packMessages } from './pack-messages.ts';
import { rankRecall } from './rank-recall.ts';
import { readQuestion } from '../../../test/read-question.ts';
import type { RecallQuestion } from './read-question.ts';
import type { RecallRole } from './recall-message.ts';
import { decodeSegment, encodeSegment } from './segment-codec.ts';

const now = Date.UTC(2026, 10, 30, 12);
const day = 86_400_000;

type Line = string | { text: string; role?: RecallRole; at?: number };

const conversation = (id: string, lines: readonly Line[], shownFrom: number | null = null) => {
  const messages = lines.map((line, index) => {
    const { text, role, at } = typeof line === 'string' ? { text: line, role: undefined, at: undefined } : line;
    return {
      seq: index + 1,
      role: role ?? (index % 2 === 0 ? ('user' as const) : ('assistant' as const)),
      text,
      tokens: text.length >> 2,
      createdAt: at ?? now - 30 * day + index * 60_000,
    };
  });
  return {
    conversationId: id,
    blocks: [blockOfSegment(decodeSegment(encodeSegment(packMessages(messages))))],
    shownFrom,
  };
};

const ask = (
  question: string,
  conversations: readonly ReturnType<typeof conversation>[],
  before: string | null = null,
) =>
  rank(readQuestion(question, { before, now }), conversations).map(
    ({ conversationId, message }) => `${conversationId}${message.seq}`,
  );

const rank = (question: RecallQuestion | null, conversations: readonly ReturnType<typeof conversation>[]) =>
  question ? rankRecall(question, conversations) : [];

const chat = conversation('a', [
  'My sister moved to Lisbon.',
  'How nice for her.',
  'The train was late again.',
  'Where did you want to go?',
  'To the mountains, for a week.',
  'Enjoy it.',
]);

describe('older messages', () => {
  it('are found by words of the question, in any form of them', () => {
    expect(ask('To which city is my sister moving?', [chat])[0]).toBe('a1');
  });

  it('are found beside what has the words: the answer behind its question', () => {
    expect(ask('Where did I want to go?', [chat]).slice(0, 2).toSorted()).toEqual(['a4', 'a5']);
  });

  it('are not found where nothing of the question is said', () => {
    expect(ask('How much is the blanket?', [chat])).toEqual([]);
    expect(ask('?', [chat])).toEqual([]);
    expect(ask('sister', [])).toEqual([]);
  });

  it('that are shown anyway are passed over', () => {
    const shown = conversation('b', ['I like the sea.', 'Fine.', 'I like the sea most.', 'Fine.'], 3);
    expect(ask('the sea', [shown])).not.toContain('b3');
    expect(ask('the sea', [shown])).toContain('b1');
  });

  it('of the days that are asked for come first', () => {
    const years = conversation('c', [
      { text: 'We were at the lake.', at: Date.UTC(2024, 4, 10) },
      { text: 'Good.', at: Date.UTC(2024, 4, 10) },
      { text: 'We were at the lake.', at: Date.UTC(2025, 8, 10) },
      { text: 'Good.', at: Date.UTC(2025, 8, 10) },
    ]);
    expect(ask('When were we at the lake in May 2024?', [years])[0]).toBe('c1');
    expect(ask('When were we at the lake in September 2025?', [years])[0]).toBe('c3');
  });

  it('of a day are found although nothing else is asked', () => {
    const days = conversation('d', [
      { text: 'The roof leaks.', at: now - 40 * day },
      { text: 'The roof is repaired.', at: now - day },
    ]);
    expect(ask('What was it yesterday?', [days])).toEqual(['d2']);
  });

  it('of who bears a name are told from those of who speaks to it', () => {
    const lines: Line[] = ['Hi Ben!', 'Hi Ann!', 'Thanks, Ben.', 'Well, Ann!', 'Good bye, Ben!', 'Good bye, Ann!'];
    const people = conversation('e', [...lines, 'I paint flowers.', 'I paint houses.']);
    expect(ask('What does Ann paint?', [people])[0]).toBe('e7');
    expect(ask('What does Ben paint?', [people])[0]).toBe('e8');
  });

  it('are searched with what was said before where the question says little', () => {
    expect(ask('And when?', [chat], 'Tell me of my sister')[0]).toBe('a1');
  });

  it('have scores between 0 and 1, and say whether they hold a word of the question', () => {
    const ranked = rank(readQuestion('my sister in Lisbon', { before: null, now }), [chat]);
    for (const { score } of ranked) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
    }
    expect(ranked.map(({ message, matched }) => [message.seq, matched])).toContainEqual([2, false]);
    expect(ranked[0]).toMatchObject({ matched: true, message: { seq: 1 } });
  });
});
