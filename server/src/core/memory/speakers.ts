import type { MessageRole } from '../conversation/conversation.ts';

/** Who said it, as a summary names them. */
export const speakers: Readonly<Record<MessageRole, string>> = {
  user: 'Customer',
  assistant: 'Assistant',
  human: 'Staff',
  system: 'Notice',
};
