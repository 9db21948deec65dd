import type { ModelUsage } from '../../src/core/turn/chat-model.ts';
import { dataEvent, type WireFormat } from './wire-format.ts';

const delta = (content: Record<string, unknown>): string =>
  dataEvent({ id: 'c1', choices: [{ index: 0, delta: content, finish_reason: null }] });

const usageOf = (usage: ModelUsage) => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
  completion_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
});

const end = (reason: string): string => dataEvent({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

const tool = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"city": "Ba' } };
const wholeOf = (message: Record<string, unknown>, reason: string) => ({
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: reason }],
});

/** https://platform.openai.com/docs/api-reference/chat */
export const chatCompletions: WireFormat = {
  name: 'chat completions',
  requestLine: { stream: 'POST /v1/chat/completions HTTP/1.1', whole: 'POST /v1/chat/completions HTTP/1.1' },
  keyHeader: (key) => ['authorization', `Bearer ${key}`],
  begin: () => [delta({ role: 'assistant', content: '' })],
  text: (text) => delta({ content: text }),
  thinking: (text) => delta({ reasoning_content: text, content: '' }),
  idle: delta({ role: 'assistant', content: '' }),
  finish: (reason = 'stop', usage) => [
    end(reason),
    ...(usage ? [dataEvent({ choices: [], usage: usageOf(usage) })] : []),
  ],
  last: ['data: [DONE]\n\n'],
  absurdUsage: (count) => [
    end('stop'),
    dataEvent({ choices: [], usage: { prompt_tokens: count, completion_tokens: 3 } }),
  ],
  whole: (text, { reason = 'stop', usage, thinking } = {}) => ({
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, ...(thinking ? { reasoning: thinking } : {}) },
        finish_reason: reason,
      },
    ],
    ...(usage ? { usage: usageOf(usage) } : {}),
  }),
  refusal: (text) => ({
    events: [delta({ refusal: text }), end('stop'), 'data: [DONE]\n\n'],
    whole: wholeOf({ refusal: text }, 'stop'),
  }),
  cutToolCall: {
    events: [delta({ tool_calls: [{ index: 0, ...tool }] }), end('length'), 'data: [DONE]\n\n'],
    whole: wholeOf({ tool_calls: [tool] }, 'length'),
  },
  error: (message) => ({ error: { message, type: 'some_error' } }),
  errorEvent: (fault) => {
    switch (fault) {
      case 'overloaded':
        return dataEvent({ error: { message: 'Too busy.', code: 503 } });
      case 'rate_limited':
        return dataEvent({ error: { message: 'Slow down.', type: 'rate_limit_error' } });
      case 'unavailable':
        return dataEvent({ error: { message: 'No provider.', code: 502 } });
      case 'rejected':
        return dataEvent({ error: { message: 'Bad key.', code: 401 } });
      case 'context_too_long':
        return dataEvent({ error: { message: 'Too long.', code: 'context_length_exceeded' } });
    }
  },
  messagesOf: (body) =>
    (body['messages'] as { role: 'user' | 'assistant'; content: string }[])
      .filter(({ role }) => role === 'user' || role === 'assistant')
      .map(({ role, content }) => ({ role, text: content })),
};
