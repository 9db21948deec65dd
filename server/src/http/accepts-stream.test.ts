import { describe, expect, it } from 'vitest';
import { acceptsStream } from './accepts-stream.ts';

describe('an Accept header', () => {
  it.each([
    ['text/event-stream'],
    ['Text/Event-Stream'],
    ['application/json, text/event-stream'],
    ['text/event-stream;q=0.9, application/json;q=0.1'],
    ['text/event-stream; charset=utf-8; q=0.5, text/html'],
    ['text/event-stream, */*;q=0.1'],
    ['text/event-stream;q=high'],
  ])('asks for a stream: %s', (accept) => {
    expect(acceptsStream(accept)).toBe(true);
  });

  it.each([
    [undefined],
    ['*/*'],
    ['text/*'],
    ['application/json'],
    ['text/event-stream;q=0, application/json'],
    ['text/event-stream; q=0.000'],
    ['text/event-stream;q=0.5, application/json'],
    ['text/event-stream;q=0.5, */*'],
    ['application/x-text/event-stream'],
  ])('asks for none: %s', (accept) => {
    expect(acceptsStream(accept)).toBe(false);
  });
});
