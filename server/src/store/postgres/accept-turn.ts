import { textParts, turnSeats } from '../../core/conversation/conversation.ts';
import { notFound, ParleyError } from '../../core/error.ts';
import { mayJoin, type WaitingTurn } from '../../core/turn/may-join.ts';
import type { AcceptedTurn, AcceptTurn, Turn } from '../../core/turn/turn.ts';
import { newId } from '../../kit/id.ts';
import { refuseHeld } from '../held-keys-sql.ts';
import { packOwners } from '../quota-owners-text.ts';
import { packMap, toTurn, type TurnRow } from '../turn-rows.ts';
import {
  claimOf,
  firstSeqOf,
  greetingSeq,
  type HeldConversation,
  messageOf,
  newTurn,
  sharesFor,
} from '../accepted-turn.ts';
import { readHistory, readMemory } from './claimed-turn.ts';
import { insertMessage } from './insert-message.ts';
import { LostRace } from './lost-race.ts';
import { reserve } from './quota-units.ts';
import type { TurnStatements } from './turn-statements.ts';

/**
 * T1 as one transaction of several statements, for what `accept-turns.ts` leaves. Throws `LostRace` where another was
 * faster: the transaction must be undone and run again.
 */
export const acceptTurn = async (statements: TurnStatements, input: AcceptTurn): Promise<AcceptedTurn> => {
  const known = await findKey(statements, input);
  if (known?.turn) return { kind: 'replayed', turn: known.turn };
  try {
    return await acceptNew(statements, input, known?.subjectId ?? null);
  } catch (error) {
    if (error instanceof ParleyError) await refuseOvertaken(statements, input, known?.subjectId ?? null);
    throw error;
  }
};

/**
 * What refuses a message may have been waited for (its conversation, a counter), and then be the very turn that its own key
 * has made on another server meanwhile: the message was accepted. A refusal comes of what was read, so that the transaction
 * still answers. Throws `LostRace`, and what `findKey` throws.
 */
const refuseOvertaken = async (
  statements: TurnStatements,
  input: AcceptTurn,
  knownSubjectId: string | null,
): Promise<void> => {
  const now = await findKey(statements, input);
  if (now && now.subjectId !== knownSubjectId) throw new LostRace('the Idempotency-Key was used while this waited');
};

/** `replacesKey`: what the Idempotency-Key stood for, of which nothing is left. */
const acceptNew = async (
  statements: TurnStatements,
  input: AcceptTurn,
  replacesKey: string | null,
): Promise<AcceptedTurn> => {
  const found = await findConversation(statements, input);
  const conversation = 'held' in found ? found.held : await planConversation(statements, input);
  if (conversation.active_turn_id !== null) {
    const merged = await joinQueue(statements, input, conversation);
    if (merged) {
      await insertKey(statements, input, { subjectId: merged.id, replaces: replacesKey });
      return { kind: 'merged', turn: merged };
    }
  }
  return insertTurn(statements, input, {
    conversation,
    startsAfter: 'held' in found ? null : found,
    replacesKey,
  });
};

/** The turn that the Idempotency-Key has made before; without one where the key has expired or its turn is gone. */
const findKey = async (
  statements: TurnStatements,
  input: AcceptTurn,
): Promise<{ subjectId: string; turn: Turn | null } | null> => {
  if (!input.idempotency) return null;
  const { route, key, fingerprint } = input.idempotency;
  const known = await statements.get<{ fingerprint: string; subject_id: string; expires_at: number }>(
    'findKey',
    ...[input.workspaceId, input.principal, route, key],
  );
  if (!known || known.expires_at <= input.at) return null;
  refuseHeld(known);
  if (known.fingerprint !== fingerprint) {
    throw new ParleyError('idempotency_mismatch', 'This Idempotency-Key was first sent with another body.');
  }
  const row = await statements.get<TurnRow>('findTurn', input.workspaceId, known.subject_id);
  return { subjectId: known.subject_id, turn: row ? toTurn(row) : null };
};

/** Behind the counters, as in the statement of many: see `turn-sql.ts` for the order of locks. */
const insertKey = async (
  statements: TurnStatements,
  input: AcceptTurn,
  { subjectId, replaces }: { subjectId: string; replaces: string | null },
): Promise<void> => {
  if (!input.idempotency) return;
  const { route, key, fingerprint, expiresAt } = input.idempotency;
  const place = [input.workspaceId, input.principal, route, key] as const;
  const inserted = await statements.run(
    'insertKey',
    ...place,
    ...[fingerprint, subjectId, expiresAt, input.at, replaces],
  );
  if (inserted === 0) throw new LostRace('the Idempotency-Key was used meanwhile');
};

/** The conversation, held; or none, with the id of the one that is current and can take no message any more. */
type Found = { held: HeldConversation } | StartsAfter;
type StartsAfter = { currentId: string | null };

/** The conversation that is named, or else the user's current one; none where one must be started. */
const findConversation = async (statements: TurnStatements, input: AcceptTurn): Promise<Found> => {
  const { workspaceId, userId } = input;
  if (input.conversationId !== null) {
    const row = await statements.get<HeldConversation>('holdConversation', workspaceId, input.conversationId);
    if (!row || row.bot_id !== input.botId || row.mode !== input.mode) throw notFound('conversation');
    if (!(await isTheirs(statements, input, row))) throw notFound('conversation');
    return { held: row };
  }
  if (userId === null || input.newConversation) return { currentId: null };
  const currentId = await findCurrent(statements, input, userId);
  if (currentId === null) return { currentId };
  const row = await statements.get<HeldConversation>('holdConversation', workspaceId, currentId);
  // closed, deleted or another person's since a moment ago: where another is current by now, starting one after this fails
  if (!row || row.status === 'closed' || !(await isTheirs(statements, input, row))) return { currentId };
  return { held: row };
};

const findCurrent = async (statements: TurnStatements, input: AcceptTurn, userId: string): Promise<string | null> => {
  const place = [input.workspaceId, input.botId, userId, input.mode] as const;
  return (
    (await statements.get<{ conversation_id: string }>('findCurrentConversation', ...place))?.conversation_id ?? null
  );
};

/** True where the message names no user, or one who is the same person as the conversation's. */
const isTheirs = async (statements: TurnStatements, input: AcceptTurn, row: HeldConversation): Promise<boolean> => {
  if (input.userId === null || row.user_id === input.userId) return true;
  if (row.user_id === null) return false;
  return (await statements.get('isSamePerson', input.workspaceId, input.mode, input.userId, row.user_id)) !== undefined;
};

/** The conversation that is to be started, which nobody else can see before. */
const planConversation = async (statements: TurnStatements, input: AcceptTurn): Promise<HeldConversation> => {
  // the caller may remember a bot that was deleted since; what it had is deleted with it, and nothing new may be added
  if (!(await statements.get('isBotKept', input.workspaceId, input.botId))) throw notFound('bot');
  return {
    id: input.newConversationId,
    bot_id: input.botId,
    user_id: input.userId,
    mode: input.mode,
    status: 'open',
    active_turn_id: null,
    next_seq: firstSeqOf(input),
  };
};

const insertConversation = async (
  statements: TurnStatements,
  input: AcceptTurn,
  { currentId }: StartsAfter,
): Promise<void> => {
  const { workspaceId, userId, greeting, newConversationId: id, at } = input;
  if (userId !== null) {
    await statements.run('insertUser', workspaceId, input.mode, userId, at);
    await makeCurrent(statements, { ...input, userId }, currentId);
  }
  await statements.run(
    'insertConversation',
    ...[workspaceId, id, input.botId, userId, input.channel, input.mode, firstSeqOf(input), at],
  );
  await statements.run('insertEvent', workspaceId, newId('evt'), 'conversation.created', id, at, 0);
  if (!greeting) return;
  await insertMessage(statements, {
    ...messageOf(input, { conversationId: id, turnId: null, seq: greetingSeq }),
    id: greeting.id,
    role: 'assistant',
    parts: textParts(greeting.text),
    tokens: greeting.tokens,
    metadata: {},
  });
};

/** Makes the new conversation the person's current one; two first messages at once must not make two. */
const makeCurrent = async (
  statements: TurnStatements,
  input: AcceptTurn & { userId: string },
  currentId: string | null,
): Promise<void> => {
  const place = [input.workspaceId, input.botId, input.userId, input.mode, input.newConversationId] as const;
  if (!input.newConversation && (await statements.run('claimCurrentConversation', ...place, currentId)) === 0) {
    throw new LostRace('another conversation became current meanwhile');
  }
  await statements.run('setCurrentOfPerson', ...place);
};

/**
 * What `on_busy` says where a turn holds the conversation: refuses, joins the waiting turn (which is returned), or lets
 * the new turn wait, also where it would have joined and does not fit.
 */
const joinQueue = async (
  statements: TurnStatements,
  input: AcceptTurn,
  conversation: HeldConversation,
): Promise<Turn | null> => {
  if (input.onBusy === 'reject') {
    throw new ParleyError('conversation_busy', undefined, { retryAfterSeconds: 1 });
  }
  const waiting = await statements.all<TurnRow>(
    'listWaiting',
    ...[input.workspaceId, conversation.id, conversation.active_turn_id, input.maxQueued],
  );
  const last = waiting.at(-1);
  if (input.onBusy === 'merge' && last && mayJoin(await waitingOf(statements, last), input)) {
    return mergeInto(statements, input, last);
  }
  if (waiting.length >= input.maxQueued) {
    throw new ParleyError('too_many_queued', `${waiting.length} messages wait in this conversation already.`, {
      retryAfterSeconds: 2,
    });
  }
  return null;
};

const waitingOf = async (statements: TurnStatements, row: TurnRow): Promise<WaitingTurn> => {
  const place = [row.workspace_id, row.conversation_id, row.seq_base, row.seq_base + row.message_count] as const;
  const messageTokens = (await statements.get<{ tokens: number }>('sumTokens', ...place))?.tokens ?? 0;
  return { context: toTurn(row).context, messageCount: row.message_count, messageTokens };
};

const mergeInto = async (statements: TurnStatements, input: AcceptTurn, row: TurnRow): Promise<Turn> => {
  const seq = row.seq_base + row.message_count;
  await insertMessage(statements, messageOf(input, { conversationId: row.conversation_id, turnId: row.id, seq }));
  const context = packMap({ ...toTurn(row).context, ...input.context });
  await statements.run('addToTurn', context, input.workspaceId, row.id);
  return toTurn({ ...row, message_count: row.message_count + 1 });
};

const insertTurn = async (
  statements: TurnStatements,
  input: AcceptTurn,
  {
    conversation,
    startsAfter,
    replacesKey,
  }: { conversation: HeldConversation; startsAfter: StartsAfter | null; replacesKey: string | null },
): Promise<AcceptedTurn> => {
  const startsNow = conversation.active_turn_id === null;
  const turn = newTurn(input, conversation, startsNow);
  const { workspaceId, id, seqBase } = turn;
  const interrupted = input.onBusy === 'interrupt' ? conversation.active_turn_id : null;
  if (interrupted !== null) await statements.run('requestStop', 'interrupt', workspaceId, interrupted);
  const shares = sharesFor(input, conversation.status);
  const quota = await reserve(statements, workspaceId, { ...input.quota, shares });
  await insertKey(statements, input, { subjectId: id, replaces: replacesKey });
  if (startsAfter) await insertConversation(statements, input, startsAfter);
  await insertMessage(statements, messageOf(input, { conversationId: conversation.id, turnId: id, seq: seqBase }));
  await statements.run('takeConversation', id, turnSeats, input.at, workspaceId, conversation.id);
  if (conversation.status === 'closed' && turn.userId !== null) {
    const place = [workspaceId, turn.botId, turn.userId, turn.mode] as const;
    await statements.run('setCurrentOfPerson', ...place, conversation.id);
  }
  await statements.run(
    'insertTurn',
    ...[workspaceId, id, turn.conversationId, turn.botId, turn.botVersion, turn.userId, turn.channel, turn.mode],
    ...[turn.principal, turn.status, seqBase, startsNow ? input.lease.owner : null],
    ...[startsNow ? input.lease.durationMs : null, turn.periodStart, packOwners(turn.quotaOwners)],
    ...[packMap(turn.context), turn.createdAt, turn.startedAt],
  );
  if (!startsNow) return { kind: 'accepted', turn, claimed: null, interrupted, quota };
  const history = await readHistory(statements, [workspaceId, conversation.id, seqBase], input.historyLimit);
  const memory = await readMemory(statements, turn, input);
  const claimed = claimOf(input, turn, { history, memory, status: conversation.status });
  return { kind: 'accepted', turn, claimed, interrupted, quota };
};
