import { describe, expect, it } from 'vitest';
import { mapFault } from './map-error.ts';
import { adaptTo as adaptAnthropicTo } from '../anthropic/adapt.ts';
import { initialQuirks as initialAnthropicQuirks } from '../anthropic/quirks.ts';
import { adaptTo } from '../openai-compatible/adapt.ts';
import { initialQuirks } from '../openai-compatible/quirks.ts';
import { parseFault, readFault } from './provider-fault.ts';
import { scrub } from './scrub.ts';

const kindOf = (status: number, body: unknown): string =>
  mapFault(parseFault(typeof body === 'string' ? body : JSON.stringify(body), status), { key: null }).kind;

describe('a prompt that does not fit is told from other refusals', () => {
  it.each([
    ['OpenAI', 400, { error: { message: 'Too much.', code: 'context_length_exceeded' } }],
    ['OpenAI, one string', 400, { error: { message: 'Invalid input', code: 'string_above_max_length' } }],
    [
      'llama.cpp',
      400,
      { error: { code: 400, message: 'request (4390 tokens) exceeds the available context size (4096)' } },
    ],
    [
      'llama.cpp before',
      500,
      { error: { code: 500, message: 'Context size has been exceeded.', type: 'server_error' } },
    ],
    ['llama.cpp by type', 400, { error: { message: 'no', type: 'exceed_context_size_error' } }],
    ['vLLM', 400, { object: 'error', message: "This model's maximum context length is 4096 tokens.", code: 400 }],
    ['Ollama', 400, { error: { message: 'the input length exceeds the context length' } }],
    [
      'Mistral',
      400,
      {
        object: 'error',
        message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
      },
    ],
    ['Groq', 400, { error: { message: 'Please reduce the length of the messages or completion.' } }],
    [
      'Gemini',
      400,
      [{ error: { message: 'The input token count (2000000) exceeds the maximum number of tokens allowed' } }],
    ],
    ['xAI', 400, { error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens." }],
    ['TGI', 422, { error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096', type: '' }],
    ['by status', 413, 'Payload Too Large'],
  ])('%s', (_server, status, body) => {
    expect(kindOf(status, body)).toBe('context_too_long');
  });

  it.each([
    [
      400,
      { error: { message: 'max_tokens is too large: 100000. This model supports at most 16384 completion tokens' } },
    ],
    [400, { error: { message: 'messages must not be empty' } }],
    [401, { error: { message: 'Wrong key for context length' } }],
    [400, '<html>Bad request</html>'],
    [400, ''],
  ])('not %i %j', (status, body) => {
    expect(kindOf(status, body)).toBe('rejected');
  });

  it('not a quota of tokens a minute', () => {
    expect(kindOf(429, { error: { message: 'Request too large, reduce the length of the prompt' } })).toBe(
      'overloaded',
    );
  });
});

describe('the provider’s words', () => {
  it('are read from every shape', () => {
    const messages = [
      { error: { message: 'Why' } },
      { error: 'Why' },
      { message: 'Why' },
      { detail: 'Why' },
      { message: { detail: [{ loc: ['body', 'x'], msg: 'Why' }] } },
    ].map((body) => mapFault(parseFault(JSON.stringify(body), 418), { key: null }).message);
    expect(messages).toEqual([...Array.from({ length: 4 }, () => 'status 418: Why'), 'status 418: body.x: Why']);
  });

  it('are scrubbed of the key, of what looks like one, and of line ends', () => {
    const key = 'a/b+c"d';
    const said = `${key} ${encodeURIComponent(key)} ${JSON.stringify(key)} sk-proj-12345678 AIzaSyA1234567890\r\n\u0007 Bearer abc.def end`;
    expect(scrub(said, key)).toBe('[key] [key] "[key]" [key] [key] [key] end');
  });

  it('are cut, also where only a key would be left over the limit', () => {
    expect(scrub('x'.repeat(5000), null)).toHaveLength(300);
    const key = 'secret-key-of-forty-characters-and-more';
    expect(scrub('x'.repeat(290) + key, key)).toMatch(/x\[key\]$/);
  });
});

describe('an error of a million characters', () => {
  const words = [
    ['sk-', 'key_a-', 'bearer ', 'AIza'],
    ['input length ', 'input token count '],
    ['role', 'first message', 'temperature ', 'max_tokens: 1'],
  ].flat();

  it.each(words)('of "%s" is read at once, inside an answer and with a status', (word) => {
    const error = { message: word.repeat(1_000_000), code: word.repeat(1_000_000), type: word.repeat(1_000_000) };
    for (const status of [null, 400]) {
      const fault = readFault({ error }, status);
      expect(mapFault(fault, { key: 'k'.repeat(1_000) }).message.length).toBeLessThan(350);
      const sent = { replyLimit: true, temperature: true, streamOptions: true };
      adaptTo({ ...fault, status: 400 }, initialQuirks('m'), sent);
      adaptAnthropicTo({ ...fault, status: 400 }, initialAnthropicQuirks(), sent);
    }
  });

  it('is no error of ours where it is messages within messages, or paths within paths', () => {
    const nested = (open: string, close: string): unknown =>
      JSON.parse(`${open.repeat(200_000)}"Why"${close.repeat(200_000)}`);
    expect(readFault({ error: { message: nested('{"message":', '}') } }, null).message).toBe('');
    expect(readFault({ detail: [{ loc: [nested('[', ']'), 'x'], msg: 'Why' }] }, null).message).toBe('.x: Why');
  });

  it('shows nothing of a key that stands where it is cut', () => {
    const key = 'prefix/of+the-key-that-nobody-may-see';
    for (let before = 4_000; before <= 4_200; before++) {
      // blanks become one, and bring the cut near
      const { message } = mapFault(readFault({ error: { message: `${' '.repeat(before)}${key}` } }, null), { key });
      expect(message).not.toContain('prefix');
      const foreign = scrub(`${'\n'.repeat(before)}sk-proj-abcdefgh1234567890`, null);
      expect(foreign).not.toContain('proj');
    }
  });
});
