import { expect, it } from 'vitest';
import { ParleyError } from '../error.ts';
import { codeOf } from './answer-turn.ts';

it('a turn that ran into an error fails with its code, where that is one of a turn', () => {
  expect(codeOf(new ParleyError('storage_unavailable'))).toBe('storage_unavailable');
  expect(codeOf(new ParleyError('message_too_long'))).toBe('message_too_long');
  // of requests, and of nothing that was foreseen
  expect(codeOf(new ParleyError('version_mismatch'))).toBe('internal_error');
  expect(codeOf(new Error('unforeseen'))).toBe('internal_error');
});
