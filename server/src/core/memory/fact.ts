import { normalForm } from '../knowledge/normal-form.ts';
import type { Traits, UserPlace } from '../user/user.ts';

/** Facts of one user; what is told to models is bounded again, by tokens. */
export const maxFacts = 64;

/** `said`: by the user, in a message. `set`: by the operator. `trait`: one of the user's traits, which are not kept twice. */
export type FactOrigin = 'trait' | 'set' | 'said';

/** Something that is known of a user. */
export type Fact = {
  /** New with every value, so that a receipt can tell whether it was this one that was shown. */
  id: string;
  name: string;
  value: string;
  origin: 'said' | 'set';
  /** When it was said or set. */
  at: number;
  /** Where it was said; null where it was set. A fact goes with the message that it came from. */
  source: FactSource | null;
};

export type FactSource = { conversationId: string; messageId: string; seq: number; confidence: number };

/** What is remembered of one user, under one of their ids. */
export type UserFacts = {
  facts: readonly Fact[];
  /** Names that the operator has taken away: nothing that was said before comes back under them. */
  removed: readonly { name: string; at: number }[];
};

export const noFacts: UserFacts = { facts: [], removed: [] };

/** A user's own row, as far as it tells models something. */
export type KnownUser = { traits: Traits; remembered: UserFacts };

/** Reads and writes what is remembered of users. */
export interface FactReader {
  /** The user and those they are linked to, the user first; none where the user is not known. */
  findKnown(place: UserPlace): Promise<(KnownUser & { userId: string })[]>;
}

export interface FactStore extends FactReader {
  /** Of one user id; null where there is no such user. */
  findFacts(place: UserPlace): Promise<UserFacts | null>;
  /** Harmless where the user is gone. */
  saveFacts(place: UserPlace, facts: UserFacts): Promise<void>;
}

/** By it names are the same: `Favourite colour` and `favourite_colour`. Empty where nothing of the name is left. */
export const factKey = (name: string): string =>
  normalForm(name, 'NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
