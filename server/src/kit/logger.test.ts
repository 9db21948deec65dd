import { expect, test } from 'vitest';
import { createLogger, describeError, type LogLevel } from './logger.ts';

const logOf = (level: LogLevel = 'info') => {
  const lines: string[] = [];
  return { lines, logger: createLogger(level, { write: (line) => void lines.push(line) }) };
};

test('a line is JSON with its time, its level and what happened', () => {
  const { lines, logger } = logOf();
  logger.info({ requestId: 'req_1' }, 'request answered');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    requestId: 'req_1',
    event: 'request answered',
  });
});

test('nothing below the level is written', () => {
  const { lines, logger } = logOf('warn');
  logger.info('quiet');
  logger.warn('loud');
  expect(lines).toHaveLength(1);
});

test('secrets and what people wrote are hidden, at the top and inside', () => {
  const { lines, logger } = logOf();
  logger.info({ secret: 'canary', request: { headers: { authorization: 'canary' }, body: 'canary' } }, 'x');
  logger.info({ turn: { reply: { content: 'canary' } }, provider: { key: 'canary' }, message: 'canary' }, 'x');
  expect(lines.join()).not.toContain('canary');
  expect(lines.join()).toContain('[hidden]');
});

test.each([
  ['by itself', (error: Error) => error],
  ['beside other fields', (err: Error) => ({ err, turnId: 'turn_1' })],
  ['as a cause', (cause: Error) => new Error('canary', { cause })],
])('an error logged %s shows its name, code and place, and never its message', (_how, wrap) => {
  const { lines, logger } = logOf();
  logger.error(wrap(Object.assign(new TypeError('canary'), { code: 'ERR_X' })));
  logger.error(wrap(Object.assign(new TypeError('canary'), { code: 'ERR_X' })), 'failed');
  expect(lines.join()).not.toContain('canary');
  expect(lines.join()).toMatch(/TypeError.*ERR_X.*logger\.test\.ts/s);
});

test('an error that causes itself is described all the same', () => {
  const error = new Error('x');
  error.cause = error;
  expect(JSON.stringify(describeError(error)).length).toBeLessThan(50_000);
});

test('a message that looks like the frames of a stack is left out like any other', () => {
  const described = describeError(new Error('refused:\n    at canary (what was sent)\n    at the end'));
  expect(described.stack?.length).toBeGreaterThan(0);
  expect(JSON.stringify(described)).not.toMatch(/canary|at the end/);
});
