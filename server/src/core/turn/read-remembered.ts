import { mayUseBot, type Principal } from '../access/principal.ts';
import type { ConversationReader } from '../conversation/conversation-store.ts';
import type { KnownUser } from '../memory/fact.ts';
import { factsByReference } from '../memory/known-facts.ts';
import type { MemoryReader } from '../memory/memory-store.ts';
import { referenceOf } from '../memory/reference-of.ts';
import type { Receipt, ReceiptItem } from './receipt.ts';
import type { Turn } from './turn.ts';

export type RememberedParts = { memories: MemoryReader; conversations: Pick<ConversationReader, 'botsOf'> };

type Named = Pick<ReceiptItem, 'reference' | 'messageId'>;

/** What is remembered of what a receipt names, by references. */
export type Remembered = {
  /** As far as it is still what was sent: a value that was replaced is gone. */
  texts: ReadonlyMap<string, string>;
  /** Facts that were said to bots which the principal may know of; null where it may know of every bot. */
  ownFacts: ReadonlySet<string> | null;
};

export const readRemembered = async (
  parts: RememberedParts,
  principal: Principal,
  { turn, receipt }: { turn: Turn; receipt: Receipt },
): Promise<Remembered> => {
  const references = new Set(everything(receipt).flatMap(({ reference }) => reference ?? []));
  const texts = new Map<string, string>();
  if (references.size === 0) return { texts, ownFacts: null };
  const { workspaceId, mode, userId, conversationId } = turn;
  const memory = await parts.memories.find(workspaceId, conversationId);
  if (memory?.summary) texts.set(referenceOf(memory.summary), memory.summary);
  const users = userId === null ? [] : await parts.memories.findKnown({ workspaceId, mode, userId });
  for (const [reference, { name, value }] of factsByReference(users)) texts.set(reference, `${name}: ${value}`);
  const ownFacts = principal.botIds && (await findOwnFacts(parts.conversations, principal, { users, references }));
  return { texts, ownFacts };
};

/**
 * Models are shown what a user said to any bot of the workspace. A key that is limited to some bots may know that, but not
 * what was said to the others, nor in which of their messages.
 */
const findOwnFacts = async (
  conversations: RememberedParts['conversations'],
  principal: Principal,
  { users, references }: { users: readonly KnownUser[]; references: ReadonlySet<string> },
): Promise<Set<string>> => {
  const said = users
    .flatMap(({ remembered }) => remembered.facts)
    .flatMap(({ id, source }) => (source !== null && references.has(id) ? { id, place: source.conversationId } : []));
  const bots = await conversations.botsOf(principal.workspaceId, [...new Set(said.map(({ place }) => place))]);
  const own = said.filter(({ place }) => {
    const botId = bots.get(place);
    return botId !== undefined && mayUseBot(principal, botId);
  });
  return new Set(own.map(({ id }) => id));
};

/** The receipt without the ids of messages in which other facts than the principal's own were said. */
export const withoutForeignMessages = (receipt: Receipt, { ownFacts }: Remembered): Receipt => {
  if (ownFacts === null) return receipt;
  const strip = <Entry extends Named>(entry: Entry): Entry => {
    // of all that has a reference only facts have messages
    if (entry.reference === undefined || ownFacts.has(entry.reference)) return entry;
    const stripped = { ...entry };
    delete stripped.messageId;
    return stripped;
  };
  return {
    ...receipt,
    sections: receipt.sections.map((section) => ({ ...section, items: section.items.map(strip) })),
    leftOut: receipt.leftOut.map(strip),
  };
};

const everything = (receipt: Receipt): Named[] => [
  ...receipt.sections.flatMap(({ items }): Named[] => items),
  ...receipt.leftOut,
];
