import { turnSeats } from '../../server/src/core/conversation/conversation.ts';
import type { Conversation } from '../../server/src/core/conversation/conversation.ts';
import type { Store } from '../../server/src/core/store.ts';
import type { Receipt } from '../../server/src/core/turn/receipt.ts';
import type { AcceptTurn, FinishTurn, Turn } from '../../server/src/core/turn/turn.ts';
import { periodAt } from '../../server/src/core/usage/period.ts';
import { newId } from '../../server/src/kit/id.ts';
import { estimateTokens } from '../../server/src/kit/token-estimate.ts';
import { memoryMessages, question } from './workload.ts';

/** Turns whose two transactions are handed to the store at once, and so share commits. */
const turnsAtOnce = 100;
const keptMs = 24 * 60 * 60 * 1000;
const tokens = estimateTokens(question);

/**
 * Turns as chatting makes them, each with its two messages, receipt, log, charge and Idempotency-Key, in an empty
 * conversation of one greeting at most. Gives the ids of their messages, oldest first.
 */
export const seedTurns = async (
  store: Store,
  conversation: Conversation,
  { turns, firstSeq, reply }: { turns: number; firstSeq: number; reply: string },
): Promise<string[]> => {
  const ids: string[] = [];
  for (let made = 0; made < turns; made += turnsAtOnce) {
    const ends = Array.from({ length: Math.min(turnsAtOnce, turns - made) }, (_, index) => {
      const seen = ids.slice(-memoryMessages);
      const accepted = acceptance(conversation);
      const turn = turnOf(accepted, conversation, firstSeq + (made + index) * turnSeats);
      const finished = completion(turn, { reply, seen, messageId: accepted.message.id });
      ids.push(accepted.message.id, finished.reply?.id ?? '');
      // the store runs its units in the order in which they come, so that the end need not wait for the beginning
      return Promise.all([store.turns.accept(accepted), store.turns.finish(finished)]);
    });
    for (const [accepted, finished] of await Promise.all(ends)) {
      if (accepted.turn.status !== 'running' || finished === null) throw new Error('a turn did not run to its end');
    }
  }
  return ids;
};

const acceptance = ({ workspaceId, botId, id, userId, mode }: Conversation): AcceptTurn => {
  const at = Date.now();
  const period = periodAt(at);
  const turnId = newId('turn');
  return {
    workspaceId,
    turnId,
    botId,
    botVersion: 1,
    channel: 'api',
    mode,
    principal: 'key:seed',
    userId,
    conversationId: id,
    newConversation: false,
    newConversationId: newId('conv'),
    onBusy: 'queue',
    maxQueued: 5,
    message: { id: newId('msg'), text: question, tokens, metadata: {} },
    greeting: null,
    context: {},
    quota: {
      periodStart: period.start,
      periodEnd: period.end,
      shares: [{ workspaceId, ownerId: workspaceId, limit: null, warnAt: null }],
    },
    idempotency: { route: 'sendMessage', key: turnId, fingerprint: turnId, expiresAt: at + keptMs },
    lease: { owner: 'seed', durationMs: keptMs },
    historyLimit: 0,
    at,
  };
};

/** The turn as `accept` makes it where the conversation is idle. */
const turnOf = (accepted: AcceptTurn, conversation: Conversation, seqBase: number): Turn => ({
  id: accepted.turnId,
  workspaceId: accepted.workspaceId,
  conversationId: conversation.id,
  botId: accepted.botId,
  botVersion: accepted.botVersion,
  userId: accepted.userId,
  channel: accepted.channel,
  mode: accepted.mode,
  principal: accepted.principal,
  status: 'running',
  finishReason: null,
  errorCode: null,
  seqBase,
  attempt: 1,
  fence: 1,
  context: {},
  model: null,
  inputTokens: 0,
  outputTokens: 0,
  charged: 0,
  quotaOwners: accepted.quota.shares.map(({ workspaceId, ownerId }) => ({ workspaceId, ownerId })),
  periodStart: accepted.quota.periodStart,
  createdAt: accepted.at,
  startedAt: accepted.at,
  completedAt: null,
});

const completion = (
  turn: Turn,
  { reply, seen, messageId }: { reply: string; seen: readonly string[]; messageId: string },
): FinishTurn => ({
  turn,
  status: 'completed',
  finishReason: 'stop',
  errorCode: null,
  reply: { id: newId('msg'), text: reply, tokens: estimateTokens(reply), citations: [] },
  model: 'mock/mock-1',
  inputTokens: 400,
  outputTokens: 40,
  charge: true,
  receipt: JSON.stringify(receiptOf([...seen, messageId])),
  log: JSON.stringify([1, 's', reply.length]),
  lease: null,
  historyLimit: 0,
  at: turn.createdAt,
});

const receiptOf = (messageIds: readonly string[]): Receipt => ({
  budget: { limitTokens: 8_192, usedTokens: tokens * messageIds.length },
  sections: [
    {
      kind: 'history',
      tokens: tokens * messageIds.length,
      items: messageIds.map((messageId) => ({ messageId, tokens })),
    },
  ],
  leftOut: [],
  attempts: [{ model: 'mock/mock-1', status: 'ok', error: null, firstTokenMs: 1, totalMs: 1, usage: null }],
  timingsMs: { retrieve: 0, compose: 0, first_token: 1, model: 1 },
  cost: null,
});
