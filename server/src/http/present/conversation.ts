import type { conversationSchema, conversationWithMessagesSchema } from '@parley/protocol/conversation-schemas';
import type { z } from 'zod';
import type { Principal } from '../../core/access/principal.ts';
import type { Conversation, Message } from '../../core/conversation/conversation.ts';
import type { Page } from '../../core/page.ts';
import { forCaller } from './for-caller.ts';
import { presentList } from './list.ts';
import { presentMessage } from './message.ts';
import { presentTime } from './time.ts';

export const presentConversation = (conversation: Conversation): z.output<typeof conversationSchema> => ({
  id: conversation.id,
  object: 'conversation',
  bot_id: conversation.botId,
  user_id: conversation.userId,
  channel: conversation.channel,
  status: conversation.status,
  assignee: conversation.assignee,
  mode: conversation.mode,
  metadata: conversation.metadata,
  created_at: presentTime(conversation.createdAt),
  updated_at: presentTime(conversation.updatedAt),
});

export const presentConversationWithMessages = (
  { conversation, messages }: { conversation: Conversation; messages: Page<Message> },
  principal: Principal,
): z.output<typeof conversationWithMessagesSchema> => ({
  ...forCaller(principal, presentConversation)(conversation),
  messages: presentList(messages, forCaller(principal, presentMessage)),
});
