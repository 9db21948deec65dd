import type { ModelUsage } from '../../src/core/turn/chat-model.ts';
import { dataEvent, type WireFinish, type WireFormat } from './wire-format.ts';

const finishReasons: Readonly<Record<WireFinish, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
};

const usageOf = (usage: ModelUsage) => ({
  promptTokenCount: usage.inputTokens,
  candidatesTokenCount: usage.outputTokens - (usage.reasoningTokens ?? 0),
  thoughtsTokenCount: usage.reasoningTokens ?? 0,
  cachedContentTokenCount: usage.cachedTokens ?? 0,
});

const parts = (...list: Record<string, unknown>[]) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: list } }],
});

const end = (reason: string, usageMetadata?: unknown): string =>
  dataEvent({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text: '' }] }, finishReason: reason }],
    ...(usageMetadata === undefined ? {} : { usageMetadata }),
  });

const error = (code: number, status: string, message: string) => ({ error: { code, status, message } });

const wholeOf = (part: Record<string, unknown>, reason: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: reason }],
});
const tool = { functionCall: { name: 'look_up', args: {} } };

/** https://ai.google.dev/api/generate-content */
export const geminiContent: WireFormat = {
  name: 'Gemini generateContent',
  requestLine: {
    stream: 'POST /v1/models/some-model:streamGenerateContent?alt=sse HTTP/1.1',
    whole: 'POST /v1/models/some-model:generateContent HTTP/1.1',
  },
  keyHeader: (key) => ['x-goog-api-key', key],
  begin: () => [],
  text: (text) => dataEvent(parts({ text })),
  thinking: (text) => dataEvent(parts({ text, thought: true })),
  idle: dataEvent({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text: '' }] } }] }),
  finish: (reason = 'stop', usage) => [end(finishReasons[reason], usage && usageOf(usage))],
  last: [],
  absurdUsage: (count) => [end('STOP', { promptTokenCount: count, candidatesTokenCount: 3 })],
  whole: (text, { reason = 'stop', usage, thinking } = {}) => ({
    candidates: [
      {
        index: 0,
        content: { role: 'model', parts: [...(thinking ? [{ text: thinking, thought: true }] : []), { text }] },
        finishReason: finishReasons[reason],
      },
    ],
    ...(usage ? { usageMetadata: usageOf(usage) } : {}),
  }),
  // it has no words of its own for a refusal: what it will not say it ends with
  refusal: (text) => ({
    events: [dataEvent(parts({ text })), end('PROHIBITED_CONTENT')],
    whole: wholeOf({ text }, 'PROHIBITED_CONTENT'),
  }),
  cutToolCall: { events: [dataEvent(parts(tool)), end('MAX_TOKENS')], whole: wholeOf(tool, 'MAX_TOKENS') },
  error: (message) => error(500, 'some_error', message),
  errorEvent: (fault) => {
    switch (fault) {
      case 'overloaded':
        return dataEvent(error(503, 'UNAVAILABLE', 'The model is overloaded.'));
      case 'rate_limited':
        return dataEvent(error(429, 'RESOURCE_EXHAUSTED', 'Slow down.'));
      case 'unavailable':
        return dataEvent(error(500, 'INTERNAL', 'Internal.'));
      case 'rejected':
        return dataEvent(error(401, 'UNAUTHENTICATED', 'Bad key.'));
      case 'context_too_long':
        return dataEvent(
          error(
            400,
            'INVALID_ARGUMENT',
            'The input token count (1200000) exceeds the maximum number of tokens allowed.',
          ),
        );
    }
  },
  messagesOf: (body) =>
    (body['contents'] as { role: string; parts: { text: string }[] }[]).map(({ role, parts: list }) => ({
      role: role === 'model' ? 'assistant' : 'user',
      text: list.map(({ text }) => text).join(''),
    })),
};
