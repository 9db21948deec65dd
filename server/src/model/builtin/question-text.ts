import type { ContextMessage } from '../../core/turn/context.ts';

/** What the user wants to know: all messages of the turn, where several were merged. */
export const textOfMessages = (messages: readonly ContextMessage[]): string =>
  messages.map((message) => message.text).join('\n');
