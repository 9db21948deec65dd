import { unpackFacts } from '../core/memory/fact-record.ts';
import type { TurnMemory, WantedMemory } from '../core/memory/turn-memory.ts';
import type { Traits } from '../core/user/user.ts';

/** Rows of users who have neither are not read. */
export type KnownValues = [traits: string, facts: string | null];

export type SummaryValues = [summary: string, tokens: number];

export const toTurnMemory = (known: readonly KnownValues[], summary: SummaryValues | undefined | null): TurnMemory => ({
  users: known.map(([traits, facts]) => ({ traits: JSON.parse(traits) as Traits, remembered: unpackFacts(facts) })),
  summary: summary ? { text: summary[0], tokens: summary[1] } : null,
});

/**
 * Whether there can be a summary to show: a conversation has at least as many places as messages, so that one with no more
 * places than the window is shown in full.
 */
export const mayNeedSummary = (
  { summary }: Pick<WantedMemory, 'summary'>,
  { seqBase, historyLimit }: { seqBase: number; historyLimit: number },
): boolean => summary && seqBase > historyLimit;
