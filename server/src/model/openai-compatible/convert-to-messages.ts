import type { ModelContext } from '../../core/turn/context.ts';
import { joinNeighbours, moveOpening, renderConversation } from '../prompt/conversation.ts';
import { renderSystemText } from '../prompt/system-text.ts';
import type { Quirks } from './quirks.ts';

export type ChatMessage = { role: 'system' | 'user' | 'assistant'; content: string };

/**
 * The context as messages of the chat completions dialect: one system message first (instructions, facts, passages),
 * then the history, then the user's message or messages.
 */
export const convertToMessages = (
  context: ModelContext,
  quirks: Pick<Quirks, 'systemRole' | 'userFirst'>,
): ChatMessage[] => {
  const conversation = renderConversation(context);
  let systemText = renderSystemText(context);
  // Without a system message the instructions lead a user message, which then has to be the first.
  if (quirks.userFirst || !quirks.systemRole) systemText = moveOpening(systemText, conversation);
  if (systemText === '') return conversation;
  if (quirks.systemRole) return [{ role: 'system', content: systemText }, ...conversation];
  return joinNeighbours<ChatMessage>([{ role: 'user', content: systemText }, ...conversation]);
};
