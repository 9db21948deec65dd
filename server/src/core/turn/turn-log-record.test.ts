import { describe, expect, it } from 'vitest';
import { withLateReply } from './turn-log-record.ts';

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
