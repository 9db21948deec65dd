import type { ChatModelRequest } from '../../core/turn/chat-model.ts';
import { convertToMessages } from './convert-to-messages.ts';
import type { Quirks } from './quirks.ts';

/**
 * The dialect wants a limit on every reply. Where the bot has none it is this: room for thinking, which counts, and a
 * long answer. Models that allow less say so, and are then asked for that.
 */
const defaultMaxTokens = 8192;

/** The request as JSON, in the form that the model takes. https://docs.claude.com/en/api/messages */
export const buildBody = (
  request: ChatModelRequest,
  quirks: Quirks,
): { body: string; sent: { temperature: boolean } } => {
  const { system, messages } = convertToMessages(request.context);
  const sent = { temperature: request.temperature !== null && quirks.temperature };
  const body = {
    model: request.model,
    max_tokens: Math.min(request.maxReplyTokens ?? defaultMaxTokens, quirks.maxTokens ?? Number.POSITIVE_INFINITY),
    ...(system === '' ? {} : { system }),
    messages,
    stream: request.stream,
    // The scale ends at 1, where that of other vendors, and so of a bot, ends at 2.
    ...(sent.temperature ? { temperature: Math.min(1, request.temperature ?? 1) } : {}),
  };
  return { body: JSON.stringify(body), sent };
};
