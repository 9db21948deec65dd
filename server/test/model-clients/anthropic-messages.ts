import type { ModelUsage } from '../../src/core/turn/chat-model.ts';
import type { WireFinish, WireFormat } from './wire-format.ts';

const event = (value: { type: string } & Record<string, unknown>): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;

const stopReasons: Readonly<Record<WireFinish, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  content_filter: 'refusal',
};

const inputUsage = (usage: ModelUsage) => ({
  input_tokens: usage.inputTokens - (usage.cachedTokens ?? 0) - (usage.cacheWriteTokens ?? 0),
  cache_read_input_tokens: usage.cachedTokens ?? 0,
  cache_creation_input_tokens: usage.cacheWriteTokens ?? 0,
});

const error = (type: string, message: string) => ({ type: 'error', error: { type, message } });

const wholeOf = (content: Record<string, unknown>, reason: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [content],
  stop_reason: reason,
});
const tool = { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: {} };
const cutArguments = { type: 'input_json_delta', partial_json: '{"city": "Ba' };

/** https://docs.claude.com/en/api/messages */
export const anthropicMessages: WireFormat = {
  name: 'Anthropic messages',
  requestLine: { stream: 'POST /v1/messages HTTP/1.1', whole: 'POST /v1/messages HTTP/1.1' },
  keyHeader: (key) => ['x-api-key', key],
  begin: (usage) => [
    event({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [],
        stop_reason: null,
        ...(usage ? { usage: { ...inputUsage(usage), output_tokens: 1 } } : {}),
      },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ],
  text: (text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  thinking: (text) =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: text } }),
  idle: event({ type: 'ping' }),
  finish: (reason = 'stop', usage) => [
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: stopReasons[reason], stop_sequence: null },
      ...(usage ? { usage: { output_tokens: usage.outputTokens } } : {}),
    }),
  ],
  last: [event({ type: 'message_stop' })],
  absurdUsage: (count) => [
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: count, output_tokens: 3 },
    }),
  ],
  whole: (text, { reason = 'stop', usage, thinking } = {}) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [...(thinking ? [{ type: 'thinking', thinking, signature: 's' }] : []), { type: 'text', text }],
    stop_reason: stopReasons[reason],
    ...(usage ? { usage: { ...inputUsage(usage), output_tokens: usage.outputTokens } } : {}),
  }),
  refusal: (text) => ({
    events: [
      ...anthropicMessages.begin(),
      anthropicMessages.text(text),
      ...anthropicMessages.finish('content_filter'),
      ...anthropicMessages.last,
    ],
    whole: wholeOf({ type: 'text', text }, 'refusal'),
  }),
  cutToolCall: {
    events: [
      event({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', content: [] } }),
      event({ type: 'content_block_start', index: 0, content_block: tool }),
      event({ type: 'content_block_delta', index: 0, delta: cutArguments }),
      event({ type: 'content_block_stop', index: 0 }),
      event({ type: 'message_delta', delta: { stop_reason: 'max_tokens', stop_sequence: null } }),
      event({ type: 'message_stop' }),
    ],
    whole: wholeOf(tool, 'max_tokens'),
  },
  error: (message) => error('some_error', message),
  errorEvent: (fault) => {
    switch (fault) {
      case 'overloaded':
        return event(error('overloaded_error', 'Overloaded.'));
      case 'rate_limited':
        return event(error('rate_limit_error', 'Slow down.'));
      case 'unavailable':
        return event(error('api_error', 'Internal.'));
      case 'rejected':
        return event(error('authentication_error', 'Bad key.'));
      case 'context_too_long':
        return event(error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'));
    }
  },
  messagesOf: (body) =>
    (body['messages'] as { role: 'user' | 'assistant'; content: string }[]).map(({ role, content }) => ({
      role,
      text: content,
    })),
};
