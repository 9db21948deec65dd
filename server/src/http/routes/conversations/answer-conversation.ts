import { conversationId } from '@parley/protocol/common-schemas';
import { answerConversationSchema } from '@parley/protocol/conversation-schemas';
import { messageSchema } from '@parley/protocol/message-schemas';
import { z } from 'zod';
import { answerConversation } from '../../../core/conversation/answer-conversation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentMessage } from '../../present/message.ts';
import type { RouteParts } from '../../route-parts.ts';

export const answerConversationRoute = ({
  clock,
  maxMessageCharacters,
  lookForReplies,
}: Pick<RouteParts, 'clock' | 'maxMessageCharacters' | 'lookForReplies'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/conversations/:conversation_id/reply',
    operationId: 'answerConversation',
    summary: 'Reply as a person',
    description:
      'For a conversation with status `human`. It is the reply of the latest turn where that has none: it arrives on the stream of that turn, and `turn.completed` is told once more. Otherwise it stands behind everything, and `message.created` is told. Nothing is charged.',
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:write' },
    params: z.strictObject({ conversation_id: conversationId }),
    body: answerConversationSchema,
    replies: { 201: messageSchema },
    errors: ['invalid_request', 'message_too_long', 'not_found', 'conversation_not_taken'],
    handler: async (writers, { principal, params, body }) => {
      const message = await answerConversation(
        writers,
        {
          principal,
          conversationId: params.conversation_id,
          text: body.content,
          author: body.author ?? null,
        },
        { clock, maxMessageCharacters, lookForReplies },
      );
      return { status: 201, body: presentMessage(message) };
    },
  });
