import type { ChatModelRequest } from '../../core/turn/chat-model.ts';
import type { SentParameters } from './adapt.ts';
import { convertToMessages } from './convert-to-messages.ts';
import type { Quirks } from './quirks.ts';

/** The request as JSON, in the form that the model takes, and which optional parameters it has. */
export const buildBody = (request: ChatModelRequest, quirks: Quirks): { body: string; sent: SentParameters } => {
  const sent: SentParameters = {
    replyLimit: request.maxReplyTokens !== null && quirks.replyLimit !== null,
    temperature: request.temperature !== null && quirks.temperature,
    streamOptions: request.stream && quirks.streamOptions,
  };
  const body = {
    model: request.model,
    messages: convertToMessages(request.context, quirks),
    stream: request.stream,
    ...(sent.streamOptions ? { stream_options: { include_usage: true } } : {}),
    ...(sent.temperature ? { temperature: request.temperature } : {}),
    ...(sent.replyLimit && quirks.replyLimit !== null ? { [quirks.replyLimit]: request.maxReplyTokens } : {}),
  };
  return { body: JSON.stringify(body), sent };
};
