import type { Mode } from '../access/principal.ts';

export type TraitValue = string | number | boolean;
export type Traits = Record<string, TraitValue>;

/** Which user of which workspace: the two modes have users of their own. */
export type UserPlace = { workspaceId: string; mode: Mode; userId: string };

/** An end user, named by the caller. */
export type User = UserPlace & {
  /** Their own user id, or where they are linked an id that all users of the person share. */
  personId: string;
  /** The person's other user ids, sorted. */
  linkedUserIds: string[];
  traits: Traits;
  createdAt: number;
};

/** What a person has said and been told. */
export type UserCounts = { conversations: number; messages: number };

/** User ids of one person: bounds what is written where a conversation becomes the current one of all of them. */
export const maxLinkedUsers = 50;
