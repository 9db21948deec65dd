import { type Message, textParts } from '../core/conversation/conversation.ts';
import type { TurnMemory } from '../core/memory/turn-memory.ts';
import type { AcceptTurn, ClaimedTurn, Turn, TurnMessage } from '../core/turn/turn.ts';
import type { ConversationsTable } from './tables/conversations.ts';
import { ownersOf } from './quota-owners-text.ts';

/** What an accepted message needs of the conversation it came to. */
export type HeldConversation = Pick<
  ConversationsTable,
  'id' | 'bot_id' | 'user_id' | 'mode' | 'status' | 'active_turn_id' | 'next_seq'
>;

/** What a person will answer is never charged, so it is not refused for want of quota either. */
export const sharesFor = (input: AcceptTurn, status: HeldConversation['status']): AcceptTurn['quota']['shares'] =>
  status === 'human' ? [] : input.quota.shares;

/** The turn that T1 makes, at the next free places of its conversation. */
export const newTurn = (
  input: AcceptTurn,
  conversation: Pick<HeldConversation, 'id' | 'user_id' | 'status' | 'next_seq'>,
  startsNow: boolean,
): Turn => ({
  id: input.turnId,
  workspaceId: input.workspaceId,
  conversationId: conversation.id,
  botId: input.botId,
  botVersion: input.botVersion,
  userId: conversation.user_id,
  channel: input.channel,
  mode: input.mode,
  principal: input.principal,
  status: startsNow ? 'running' : 'queued',
  finishReason: null,
  errorCode: null,
  seqBase: conversation.next_seq,
  attempt: 1,
  fence: 1,
  context: input.context,
  model: null,
  inputTokens: 0,
  outputTokens: 0,
  charged: 0,
  quotaOwners: ownersOf(sharesFor(input, conversation.status)),
  periodStart: input.quota.periodStart,
  createdAt: input.at,
  startedAt: startsNow ? input.at : null,
  completedAt: null,
});

/** A turn that starts at once, from what was just written. */
export const claimOf = (
  input: AcceptTurn,
  turn: Turn,
  { history, memory, status }: { history: TurnMessage[]; memory: TurnMemory; status: HeldConversation['status'] },
): ClaimedTurn => ({
  turn,
  messages: [
    { seq: turn.seqBase, turnId: turn.id, role: 'user', text: input.message.text, tokens: input.message.tokens },
  ],
  history,
  memory,
  // a message opens a closed conversation again; one in the hands of a person stays there
  conversationStatus: status === 'closed' ? 'open' : status,
});

/** The user's message at a place of its conversation. */
export const messageOf = (
  input: AcceptTurn,
  place: { conversationId: string; turnId: string | null; seq: number },
): Message => ({
  ...place,
  id: input.message.id,
  workspaceId: input.workspaceId,
  role: 'user',
  parts: textParts(input.message.text),
  tokens: input.message.tokens,
  metadata: input.message.metadata,
  citations: [],
  createdAt: input.at,
});

/** Where the greeting of a new conversation stands, and where its first turn begins. */
export const greetingSeq = 1;
export const firstSeqOf = (input: AcceptTurn): number => (input.greeting ? greetingSeq + 1 : greetingSeq);
