import type { AcceptTurn, FinishTurn, Turn } from '../../server/src/core/turn/turn.ts';
import { periodAt } from '../../server/src/core/usage/period.ts';
import { newId } from '../../server/src/kit/id.ts';
import type { Way } from './ways.ts';

/** One user who writes message after message to a bot. */
export type Caller = { workspaceId: string; botId: string; userId: string };

const memoryMessages = 20;
const dayMs = 86_400_000;
const quota = 1_000_000_000;
const lease = { owner: 'node_bench', durationMs: 15_000 };

/** A whole turn as the server stores it: key, finite quota, history of 20 messages, reply, receipt, ledger. */
export const takeTurn = async (way: Way, caller: Caller): Promise<void> => {
  const accepted = await way.accept(messageOf(caller));
  if (accepted.kind !== 'accepted' || !accepted.claimed) throw new Error('the turn did not start');
  if (!(await way.finish(endOf(accepted.turn)))) throw new Error('the turn did not end');
};

const messageOf = ({ workspaceId, botId, userId }: Caller): AcceptTurn => {
  const at = Date.now();
  const period = periodAt(at);
  return {
    workspaceId,
    turnId: newId('turn'),
    botId,
    botVersion: 1,
    channel: 'api',
    mode: 'live',
    principal: 'key:bench',
    userId,
    conversationId: null,
    newConversation: false,
    onBusy: 'queue',
    maxQueued: 5,
    message: { id: newId('msg'), text: 'Hello there, what can you do for me today?', tokens: 11, metadata: {} },
    greeting: null,
    newConversationId: newId('conv'),
    context: {},
    quota: {
      periodStart: period.start,
      periodEnd: period.end,
      shares: [{ workspaceId, ownerId: workspaceId, limit: quota, warnAt: null }],
    },
    idempotency: { route: 'chat', key: newId('req'), fingerprint: 'f'.repeat(43), expiresAt: at + dayMs },
    lease,
    historyLimit: memoryMessages,
    at,
  };
};

const endOf = (turn: Turn): FinishTurn => ({
  turn,
  status: 'completed',
  finishReason: 'stop',
  errorCode: null,
  reply: {
    id: newId('msg'),
    text: 'I answer questions about orders and deliveries. '.repeat(8),
    tokens: 80,
    citations: [],
  },
  model: 'mock/mock-1',
  inputTokens: 400,
  outputTokens: 80,
  charge: true,
  receipt: JSON.stringify(Array.from({ length: 40 }, (_, place) => place * 8)),
  log: JSON.stringify(Array.from({ length: 32 }, (_, delta) => delta * 12)),
  lease,
  historyLimit: memoryMessages,
  at: Date.now(),
});
