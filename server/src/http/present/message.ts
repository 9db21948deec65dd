import type { messageSchema } from '@parley/protocol/message-schemas';
import type { z } from 'zod';
import { type Message, textOf } from '../../core/conversation/conversation.ts';
import { presentTime } from './time.ts';

export type WireMessage = z.output<typeof messageSchema>;

export const presentMessage = (message: Message): WireMessage => ({
  id: message.id,
  object: 'message',
  conversation_id: message.conversationId,
  turn_id: message.turnId,
  role: message.role,
  content: textOf(message),
  citations: message.citations.map(({ index, sourceId, title, url, headings, page, quote, score }) => ({
    index,
    source_id: sourceId,
    title,
    url,
    headings: [...(headings ?? [])],
    page: page ?? null,
    quote,
    score,
  })),
  metadata: message.metadata,
  created_at: presentTime(message.createdAt),
});
