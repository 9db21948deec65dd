import type { KnownUser } from './fact.ts';

/** What is remembered for a turn, read together with its history. */
export type TurnMemory = {
  /** The user and those they are linked to, the user first; those of whom nothing is known may be absent. */
  users: readonly KnownUser[];
  /** Of the turn's conversation. */
  summary: { text: string; tokens: number } | null;
};

export const noMemory: TurnMemory = { users: [], summary: null };

/** What of it the bot wants to see. */
export type WantedMemory = { facts: boolean; summary: boolean };
