import type { ContextMessage, ModelContext } from '../../core/turn/context.ts';

/** What was said, in the two roles that every dialect knows. */
export type SpokenMessage = { role: 'user' | 'assistant'; content: string };

/**
 * A notice of the system inside the conversation. It goes under the user's role, since many servers take only one
 * system message and only as the first; a user who imitates it gains nothing beyond the user's own say.
 */
const renderNotice = (text: string): string => `(Notice: ${text})`;

const convertMessage = (message: ContextMessage): SpokenMessage => {
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
export const joinNeighbours = <Message extends { role: string; content: string }>(
  messages: readonly Message[],
): Message[] => {
  const joined: Message[] = [];
  for (const message of messages) {
    if (message.content.trim() === '') continue;
    const last = joined.at(-1);
    if (last?.role === message.role) last.content += `\n\n${message.content}`;
    else joined.push({ ...message });
  }
  return joined;
};

/** A greeting opens many conversations; where the user must speak first, the instructions tell of it instead. */
export const moveOpening = (systemText: string, conversation: SpokenMessage[]): string => {
  const [first] = conversation;
  if (first?.role !== 'assistant') return systemText;
  conversation.shift();
  return [systemText, `You opened the conversation with:\n${first.content}`].filter(Boolean).join('\n\n');
};

/** History and the user's message or messages, oldest first; roles alternate, and nothing is empty. */
export const renderConversation = ({ history, messages }: ModelContext): SpokenMessage[] =>
  joinNeighbours([...history, ...messages].map(convertMessage));

/**
 * The conversation for dialects in which the user speaks first and somebody must have spoken: an opening of the
 * assistant goes into the instructions.
 */
export const renderUserFirst = (
  context: ModelContext,
  systemText: string,
): { systemText: string; conversation: SpokenMessage[] } => {
  const conversation = renderConversation(context);
  const moved = moveOpening(systemText, conversation);
  if (conversation.length === 0) conversation.push({ role: 'user', content: renderNotice('the message is empty') });
  return { systemText: moved, conversation };
};
