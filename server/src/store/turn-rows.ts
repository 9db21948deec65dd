import {
  type Channel,
  type Citation,
  type Message,
  type MessagePart,
  textOf,
  textParts,
} from '../core/conversation/conversation.ts';
import type { ErrorCode } from '../core/error.ts';
import type { FinishReason, Turn } from '../core/turn/turn.ts';
import { readOwners } from './quota-owners-text.ts';
import type { MessagesTable } from './tables/messages.ts';
import type { TurnsTable } from './tables/turns.ts';

/** The columns of `turns` that a `Turn` is made of. */
export type TurnRow = Omit<
  TurnsTable,
  'owner' | 'lease_until' | 'stop_request' | 'partial_text' | 'rating' | 'rating_comment'
>;

export const toTurn = (row: TurnRow): Turn => ({
  id: row.id,
  workspaceId: row.workspace_id,
  conversationId: row.conversation_id,
  botId: row.bot_id,
  botVersion: row.bot_version,
  userId: row.user_id,
  channel: row.channel as Channel,
  mode: row.mode,
  principal: row.principal,
  status: row.status,
  finishReason: row.finish_reason as FinishReason | null,
  errorCode: row.error_code as ErrorCode | null,
  seqBase: row.seq_base,
  attempt: row.attempt,
  fence: row.fence,
  context: row.context === null ? {} : (JSON.parse(row.context) as Record<string, string>),
  model: row.model,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  charged: row.charged,
  quotaOwners: readOwners(row.quota_owners, row.workspace_id),
  periodStart: row.period_start,
  createdAt: row.created_at,
  startedAt: row.started_at,
  completedAt: row.completed_at,
});

export const toMessage = (row: MessagesTable): Message => ({
  id: row.id,
  workspaceId: row.workspace_id,
  conversationId: row.conversation_id,
  seq: row.seq,
  turnId: row.turn_id,
  role: row.role,
  parts: row.parts === null ? textParts(row.text) : (JSON.parse(row.parts) as MessagePart[]),
  tokens: row.tokens,
  metadata: row.metadata === null ? {} : (JSON.parse(row.metadata) as Record<string, string>),
  citations: row.citations === null ? [] : (JSON.parse(row.citations) as Citation[]),
  createdAt: row.created_at,
});

/** The parts of a message as they are stored: the text, and the parts themselves where they are more than that. */
export const packParts = (parts: readonly MessagePart[]): { text: string; parts: string | null } => {
  const [first] = parts;
  if (parts.length === 1 && first) return { text: first.text, parts: null };
  return { text: textOf({ parts: [...parts] }), parts: JSON.stringify(parts) };
};

/** JSON of a string map, or null where it is empty, as most are. */
export const packMap = (map: Readonly<Record<string, string>>): string | null => {
  for (const _name in map) return JSON.stringify(map);
  return null;
};
