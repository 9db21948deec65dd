import type { Principal } from '../access/principal.ts';
import { covers } from '../access/scope.ts';
import type { Conversation, Message } from '../conversation/conversation.ts';
import { ParleyError } from '../error.ts';
import { type ReadReceipt, resolveReceipt } from '../turn/read-receipt.ts';
import { unpackReceipt } from '../turn/receipt-record.ts';
import type { OwnedLedgerEntry } from '../usage/list-ledger.ts';
import { readOwnerId, userOwnerId } from '../usage/quota-owner.ts';
import type { UsageReader } from '../usage/usage-store.ts';
import type { ExportReader, StoredTurn } from './export-reader.ts';
import { findUser } from './find-user.ts';
import type { UserLink } from './person.ts';
import type { User } from './user.ts';
import type { UserIds, UserReader } from './user-store.ts';
import type { ConversationMemory } from '../memory/conversation-memory.ts';
import { type KnownFact, knownFacts } from '../memory/known-facts.ts';
import type { MemoryReader } from '../memory/memory-store.ts';

/** Rows read at once: what an export holds in memory, whatever its size. */
const pageSize = 100;

export type ExportLine =
  | { kind: 'user'; user: User; facts: KnownFact[] }
  | { kind: 'link'; link: UserLink }
  | { kind: 'conversation'; conversation: Conversation }
  | { kind: 'memory'; memory: ConversationMemory & { summary: string } }
  | { kind: 'message'; message: Message }
  | { kind: 'turn'; stored: StoredTurn }
  /** Without the texts: what was sent of messages is theirs, and the rest is the bot's. */
  | { kind: 'receipt'; receipt: ReadReceipt }
  | { kind: 'charge'; entry: OwnedLedgerEntry };

export type ExportParts = {
  users: UserReader;
  exports: ExportReader;
  memories: MemoryReader;
  usage: Pick<UsageReader, 'ledger'>;
};

/**
 * Everything of a person, page by page: of the user and of every user they are linked to. What is written meanwhile may be
 * in it or not. Throws not_found and insufficient_scope before the first line.
 */
export const exportUser = async (
  parts: ExportParts,
  principal: Principal,
  userId: string,
): Promise<AsyncIterable<ExportLine>> => {
  const user = await findUser(parts.users, principal, userId);
  // an export holds whole conversations: it is no way around the scope that guards them
  if (!covers(principal.scopes, 'conversations:read')) {
    throw new ParleyError('insufficient_scope', 'An export also needs the scope `conversations:read`.');
  }
  return linesOf(parts, user);
};

async function* linesOf(parts: ExportParts, user: User): AsyncGenerator<ExportLine> {
  const { workspaceId, mode } = user;
  const ids: UserIds = { workspaceId, mode, userIds: [user.userId, ...user.linkedUserIds] };
  for (const userId of ids.userIds) {
    const each = await parts.users.find({ workspaceId, mode, userId });
    if (each) yield { kind: 'user', user: each, facts: await ownFacts(parts.memories, each) };
  }
  for (const link of await parts.users.links(ids)) yield { kind: 'link', link };
  for (let after = ''; ;) {
    const conversations = await parts.exports.conversations(ids, after, pageSize);
    for (const conversation of conversations) yield* conversationLines(parts, conversation);
    const last = conversations.at(-1);
    if (!last || conversations.length < pageSize) break;
    after = last.id;
  }
  if (mode === 'live') yield* chargeLines(parts.usage, ids);
}

/** Those that are kept under this user id: the export has the others of the person, too. */
const ownFacts = async (memories: MemoryReader, user: User): Promise<KnownFact[]> => {
  const [own] = await memories.findKnown(user);
  return own ? knownFacts([{ traits: {}, remembered: own.remembered }]) : [];
};

async function* conversationLines(
  { exports, memories }: ExportParts,
  conversation: Conversation,
): AsyncGenerator<ExportLine> {
  yield { kind: 'conversation', conversation };
  const memory = await memories.find(conversation.workspaceId, conversation.id);
  if (memory?.summary) yield { kind: 'memory', memory: { ...memory, summary: memory.summary } };
  for (let after = 0; ;) {
    const messages = await exports.messages(conversation, after, pageSize);
    for (const message of messages) yield { kind: 'message', message };
    const last = messages.at(-1);
    if (!last || messages.length < pageSize) break;
    after = last.seq;
  }
  for (let after = 0; ;) {
    const turns = await exports.turns(conversation, after, pageSize);
    for (const stored of turns) {
      yield { kind: 'turn', stored };
      if (stored.receipt !== null) yield { kind: 'receipt', receipt: await receiptOf(exports, conversation, stored) };
    }
    const last = turns.at(-1);
    if (!last || turns.length < pageSize) break;
    after = last.turn.seqBase;
  }
}

const receiptOf = async (
  exports: ExportReader,
  conversation: Conversation,
  { turn, receipt }: StoredTurn,
): Promise<ReadReceipt> => {
  const unpacked = unpackReceipt(receipt ?? '');
  const items = [...unpacked.sections.flatMap((section) => section.items), ...unpacked.leftOut];
  const ids = await exports.messageIds(
    conversation,
    items.flatMap(({ seq }) => seq ?? []),
  );
  const messages = new Map([...ids].map(([seq, id]) => [seq, { id, text: null }]));
  return resolveReceipt(turn, unpacked, { messages, composed: () => ({ text: null }), nameOf: () => null });
};

async function* chargeLines(usage: Pick<UsageReader, 'ledger'>, ids: UserIds): AsyncGenerator<ExportLine> {
  for (const userId of ids.userIds) {
    const ownerId = userOwnerId(userId);
    for (let after: string | null = null; ;) {
      const filter = { ownerId, botIds: null };
      const { items, hasMore } = await usage.ledger(ids.workspaceId, filter, { limit: pageSize, after, before: null });
      for (const entry of items) yield { kind: 'charge', entry: { ...entry, owner: readOwnerId(ownerId) } };
      after = items.at(-1)?.id ?? null;
      if (!hasMore || after === null) break;
    }
  }
}
