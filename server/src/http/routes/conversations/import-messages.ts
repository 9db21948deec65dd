import { conversationId, listOf } from '@parley/protocol/common-schemas';
import { importMessagesSchema, messageSchema } from '@parley/protocol/message-schemas';
import { z } from 'zod';
import { importMessages } from '../../../core/conversation/import-messages.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentList } from '../../present/list.ts';
import { presentMessage } from '../../present/message.ts';
import type { RouteParts } from '../../route-parts.ts';

/** 500 messages of 4,000 characters in a script of four bytes each; longer ones take several calls. */
const bodyLimitBytes = 8 * 1024 * 1024;

export const importMessagesRoute = ({
  clock,
  maxMessageCharacters,
}: Pick<RouteParts, 'clock' | 'maxMessageCharacters'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/conversations/:conversation_id/messages',
    operationId: 'importMessages',
    summary: 'Bring earlier messages in',
    description: 'Adds them behind what the conversation holds. Nobody answers, and nothing is charged.',
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:write' },
    params: z.strictObject({ conversation_id: conversationId }),
    body: importMessagesSchema,
    bodyLimitBytes,
    replies: { 201: listOf(messageSchema).describe('The messages as they are stored, in the order sent.') },
    errors: ['invalid_request', 'message_too_long', 'not_found'],
    handler: async (writers, { principal, params, body }) => {
      const items = await importMessages(
        writers,
        {
          principal,
          conversationId: params.conversation_id,
          messages: body.messages.map(({ role, content, created_at }) => ({
            role,
            text: content,
            createdAt: created_at === undefined ? null : Date.parse(created_at),
          })),
        },
        { clock, maxMessageCharacters },
      );
      return { status: 201, body: presentList({ items, hasMore: false }, presentMessage) };
    },
  });
