import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { ChatModelRequest } from '../../core/turn/chat-model.ts';
import { renderUserFirst, type SpokenMessage } from '../prompt/conversation.ts';
import { renderSystemText } from '../prompt/system-text.ts';

type Prompt = LanguageModelV4CallOptions['prompt'];

const asPart = ({ role, content }: SpokenMessage): Prompt[number] => ({
  role,
  content: [{ type: 'text', text: content }],
});

/** A request as every vendor's package takes it: instructions, facts and passages as one system message, then the talk. */
export const convertToCall = (request: ChatModelRequest): LanguageModelV4CallOptions => {
  const { systemText, conversation } = renderUserFirst(request.context, renderSystemText(request.context));
  const messages = conversation.map(asPart);
  return {
    prompt: systemText === '' ? messages : [{ role: 'system', content: systemText }, ...messages],
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.maxReplyTokens === null ? {} : { maxOutputTokens: request.maxReplyTokens }),
    // Raw chunks say what a package leaves out: whether anything was understood at all, and an error's own words.
    includeRawChunks: request.stream,
  };
};
