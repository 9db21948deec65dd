import type { ContextMessage, ModelContext } from '../../core/turn/context.ts';
import type { Quirks } from './quirks.ts';
import { renderSystemText } from './system-text.ts';

export type ChatMessage = { role: 'system' | 'user' | 'assistant'; content: string };

/**
 * A notice of the system inside the conversation. It goes under the user's role, since many servers take only one
 * system message and only as the first; a user who imitates it gains nothing beyond the user's own say.
 */
const renderNotice = (text: string): string => `(Notice: ${text})`;

const convertMessage = (message: ContextMessage): ChatMessage => {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text };
    case 'assistant':
    case 'human':
      // To the model a member of staff is the side it speaks for.
      return { role: 'assistant', content: message.text };
    case 'system':
      return { role: 'user', content: renderNotice(message.text) };
  }
};

/** Joins neighbours of one role with a blank line: some servers demand that roles alternate, and none minds. */
const joinNeighbours = (messages: readonly ChatMessage[]): ChatMessage[] => {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    if (message.content.trim() === '') continue;
    const last = joined.at(-1);
    if (last?.role === message.role) last.content += `\n\n${message.content}`;
    else joined.push({ ...message });
  }
  return joined;
};

/** A greeting opens many conversations; where the user must speak first, the instructions tell of it instead. */
const moveOpening = (systemText: string, conversation: ChatMessage[]): string => {
  const [first] = conversation;
  if (first?.role !== 'assistant') return systemText;
  conversation.shift();
  return [systemText, `You opened the conversation with:\n${first.content}`].filter(Boolean).join('\n\n');
};

/**
 * The context as messages of the chat completions dialect: one system message first (instructions, facts, passages),
 * then the history, then the user's message or messages.
 */
export const convertToMessages = (
  context: ModelContext,
  quirks: Pick<Quirks, 'systemRole' | 'userFirst'>,
): ChatMessage[] => {
  const conversation = joinNeighbours([...context.history, ...context.messages].map(convertMessage));
  let systemText = renderSystemText(context);
  // Without a system message the instructions lead a user message, which then has to be the first.
  if (quirks.userFirst || !quirks.systemRole) systemText = moveOpening(systemText, conversation);
  if (systemText === '') return conversation;
  if (quirks.systemRole) return [{ role: 'system', content: systemText }, ...conversation];
  return joinNeighbours([{ role: 'user', content: systemText }, ...conversation]);
};
