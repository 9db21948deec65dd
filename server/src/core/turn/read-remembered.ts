import { mayUseBot, type Principal } from '../access/principal.ts';
import type { ConversationReader } from '../conversation/conversation-store.ts';
import { factsByReference } from '../memory/known-facts.ts';
import type { MemoryReader } from '../memory/memory-store.ts';
import { referenceOf } from '../memory/reference-of.ts';
import { oneLine } from './one-line.ts';
import type { Receipt, ReceiptItem } from './receipt.ts';
import type { Turn } from './turn.ts';

export type RememberedParts = { memories: MemoryReader; conversations: Pick<ConversationReader, 'botsOfMessages'> };

type Named = Pick<ReceiptItem, 'reference' | 'messageId'>;

/** What is remembered of what a receipt names, by references. */
export type Remembered = {
  /** As far as it is still what was sent: a value that was replaced is gone. */
  texts: ReadonlyMap<string, string>;
  /** The names of facts, as far as the same holds for them. */
  names: ReadonlyMap<string, string>;
  /** References of facts that the receipt knows from messages to bots which the principal may not know of. */
  foreign: ReadonlySet<string>;
};

export const readRemembered = async (
  parts: RememberedParts,
  principal: Principal,
  { turn, receipt }: { turn: Turn; receipt: Receipt },
): Promise<Remembered> => {
  const references = new Set(everything(receipt).flatMap(({ reference }) => reference ?? []));
  const texts = new Map<string, string>();
  const names = new Map<string, string>();
  const foreign = await findForeign(parts.conversations, principal, receipt);
  if (references.size === 0) return { texts, names, foreign };
  const { workspaceId, mode, userId, conversationId } = turn;
  const memory = await parts.memories.find(workspaceId, conversationId);
  if (memory?.summary) texts.set(referenceOf(memory.summary), memory.summary);
  const users = userId === null ? [] : await parts.memories.findKnown({ workspaceId, mode, userId });
  for (const [reference, { name, value }] of factsByReference(users)) {
    texts.set(reference, `${oneLine(name)}: ${oneLine(value)}`);
    names.set(reference, name);
  }
  return { texts, names, foreign };
};

/**
 * Models are shown what a user said to any bot of the workspace. A key that is limited to some bots may know that, but not
 * what was said to the others, nor in which of their messages. What counts is the message that the receipt names: the same
 * may have been said to another bot since.
 */
const findForeign = async (
  conversations: RememberedParts['conversations'],
  principal: Principal,
  receipt: Receipt,
): Promise<Set<string>> => {
  if (principal.botIds === null) return new Set();
  // of all that has a reference only facts have messages
  const said = everything(receipt).flatMap(({ reference, messageId }) =>
    reference === undefined || messageId === undefined ? [] : { reference, messageId },
  );
  const ids = [...new Set(said.map(({ messageId }) => messageId))];
  const bots = await conversations.botsOfMessages(principal.workspaceId, ids);
  const foreign = said.filter(({ messageId }) => {
    const botId = bots.get(messageId);
    return botId === undefined || !mayUseBot(principal, botId);
  });
  return new Set(foreign.map(({ reference }) => reference));
};

/** The receipt without the ids of messages in which foreign facts were said. */
export const withoutForeignMessages = (receipt: Receipt, { foreign }: Remembered): Receipt => {
  const strip = <Entry extends Named>(entry: Entry): Entry => {
    if (entry.reference === undefined || !foreign.has(entry.reference)) return entry;
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
