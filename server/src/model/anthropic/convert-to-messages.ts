import type { ModelContext } from '../../core/turn/context.ts';
import { renderUserFirst, type SpokenMessage } from '../prompt/conversation.ts';
import { renderSystemText } from '../prompt/system-text.ts';

/**
 * The context as the Messages API takes it: instructions, facts and passages as the system prompt; then roles that
 * alternate, the user's first and last.
 */
export const convertToMessages = (context: ModelContext): { system: string; messages: SpokenMessage[] } => {
  const { systemText, conversation } = renderUserFirst(context, renderSystemText(context));
  return { system: systemText, messages: conversation };
};
