import { expect, it } from 'vitest';
import { chatRequestExample, streamExample, turnExample } from './chat-examples.ts';
import { chatRequestSchema, turnEventSchema } from './chat-schemas.ts';
import { turnSchema } from './turn-schemas.ts';

it('the examples are what the schemas take', () => {
  expect(chatRequestSchema.parse(chatRequestExample)).toEqual(chatRequestExample);
  expect(turnSchema.parse(turnExample)).toEqual(turnExample);
  for (const event of streamExample) expect(turnEventSchema.parse(event)).toEqual(event);
});

it('the stream keeps what is promised of streams: one terminal event, numbered events, and pieces that are the reply', () => {
  const terminal = /^turn\.(completed|failed|cancelled|interrupted)$/;
  expect(streamExample.map(({ event }) => terminal.test(event))).toEqual([false, false, false, true]);
  expect(streamExample.map(({ id }) => id)).toEqual(streamExample.map((_, at) => `1-${at + 1}`));
  const text = streamExample.flatMap(({ data }) => ('text' in data ? [data.text] : [])).join('');
  expect(text).toBe(turnExample.reply.content);
});
