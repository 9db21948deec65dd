import { describe, expect, it } from 'vitest';
import type { Turn } from './turn.ts';
import type { TurnLog } from './turn-log.ts';
import { unpackOpenLog, unpackTurnLog, withLateReply } from './turn-log-record.ts';

describe('the log of a turn that a person answers', () => {
  const text = 'It leaves today.';
  const startedAt = 1;

  it('goes on with what is kept of it', () => {
    expect(withLateReply('[1,"q","s"]', { turn: { attempt: 1, fence: 2, startedAt }, text })).toBe('[1,"q","s",16]');
  });

  it.each([
    { turn: 'was begun at once', attempt: 1, fence: 1, log: '[1,"s",16]' },
    { turn: 'had waited', attempt: 1, fence: 2, log: '[1,"q","s",16]' },
    { turn: 'had waited and was taken over', attempt: 2, fence: 3, log: '[2,"s",16]' },
    { turn: 'was given up and taken over', attempt: 2, fence: 3, log: '[2,"s",16]' },
  ])('begins as it did where nothing is kept of it and the turn $turn', ({ attempt, fence, log }) => {
    expect(withLateReply(null, { turn: { attempt, fence, startedAt }, text })).toBe(log);
  });
});

describe('the log of an ended turn of which no text is kept', () => {
  const turn = { id: 'turn_a', attempt: 1 } as unknown as Turn;
  const typesOf = ({ events }: TurnLog) => events.map(({ type }) => type);

  it('has an event for each number that was told', () => {
    const log = unpackTurnLog('[1,"s",4,9]', { turn, reply: null });
    expect(typesOf(log)).toEqual(['started', 'untold', 'untold', 'ended']);
  });

  it('and of one that goes on ends with what is stored so far', () => {
    expect(typesOf(unpackOpenLog('[1,"s",4,9]', { turnId: turn.id, text: 'Good' }))).toEqual(['started', 'delta']);
  });
});
