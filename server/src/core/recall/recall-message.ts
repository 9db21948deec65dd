import type { MessageRole } from '../conversation/conversation.ts';

/** Who said something, as recall tells them apart: `human` is a member of staff. Notices are not recalled. */
export type RecallRole = Exclude<MessageRole, 'system'>;

/** A message of the store from which the index is made. */
export type RecallSource = {
  seq: number;
  role: MessageRole;
  text: string;
  tokens: number;
  createdAt: number;
};

/** What the index keeps of a message beside its terms; not its text. */
export type RecallMessage = {
  /** Its place in the conversation. */
  seq: number;
  role: RecallRole;
  tokens: number;
  /** Terms that say something, repeated ones too. */
  length: number;
  /** True where it ends in a question. */
  asks: boolean;
  /** To the second. */
  createdAt: number;
};
