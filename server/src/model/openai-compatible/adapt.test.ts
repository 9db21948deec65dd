import { describe, expect, it } from 'vitest';
import { adaptTo } from './adapt.ts';
import { initialQuirks } from './quirks.ts';

const sent = { replyLimit: true, temperature: true, streamOptions: true };
const fault = (message: string, status = 400) => ({ status, code: '', type: '', param: '', message });
const usual = initialQuirks('llama');

describe('a refusal teaches', () => {
  it.each([
    ["'stream_options' is not permitted", { streamOptions: false }],
    ['body.stream_options.include_usage: Extra inputs are not permitted', { streamOptions: false }],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { replyLimit: 'max_completion_tokens' },
    ],
    [
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      { temperature: false },
    ],
    ['`temperature` is deprecated for this model.', { temperature: false }],
    ['System role not supported', { systemRole: false }],
    ["body.messages.0.role: Input should be 'user'", { systemRole: false }],
    ['Developer instruction is not enabled for models/gemma-3-27b-it', { systemRole: false }],
    ['Conversation roles must alternate user/assistant/user/assistant/...', { userFirst: true }],
  ])('%s', (message, learned) => {
    expect(adaptTo(fault(message), usual, sent)).toEqual({ ...usual, ...learned });
  });

  it('the older name where the newer is unknown', () => {
    const quirks = initialQuirks('o3');
    expect(quirks).toMatchObject({ replyLimit: 'max_completion_tokens', temperature: false });
    expect(adaptTo(fault('Unrecognized request argument: max_completion_tokens'), quirks, sent)?.replyLimit).toBe(
      'max_tokens',
    );
  });
});

describe('a refusal teaches nothing', () => {
  it.each([
    ['where a value is at fault', fault('max_tokens is too large: 100000'), sent],
    ['where what it names was not sent', fault("'temperature' is not supported"), { ...sent, temperature: false }],
    ['with another status', fault("'temperature' is not supported", 401), sent],
    ['about something else', fault('Unknown model'), sent],
  ])('%s', (_name, said, parameters) => {
    expect(adaptTo(said, usual, parameters)).toBeNull();
  });
});

it.each([
  ['o1', true],
  ['openai/o4-mini', true],
  ['gpt-5-mini', true],
  ['gpt-5-chat-latest', false],
  ['gpt-4o', false],
  ['olmo-2', false],
])('%s is taken for a reasoning model: %s', (model, reasoning) => {
  expect(initialQuirks(model).temperature).toBe(!reasoning);
});
