import type { Mode } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Erasure } from './erasure.ts';
import type { UserLink } from './person.ts';
import type { Traits, User, UserCounts, UserPlace } from './user.ts';

/** User ids of one mode. */
export type UserIds = { workspaceId: string; mode: Mode; userIds: readonly string[] };

export interface UserReader {
  find(place: UserPlace): Promise<User | null>;
  /** Newest first; a cursor is a user id, and an unknown one gives an empty page. */
  list(of: { workspaceId: string; mode: Mode; prefix: string | null }, page: PageRequest): Promise<Page<User>>;
  counts(ids: UserIds): Promise<UserCounts>;
  /** The links between these users. */
  links(ids: UserIds): Promise<UserLink[]>;
  findErasure(workspaceId: string, mode: Mode, erasureId: string): Promise<Erasure | null>;
}

export interface UserStore extends UserReader {
  /** Makes the user where there is none; the traits replace those that are stored. */
  save(place: UserPlace, traits: Traits, at: number): Promise<void>;
  /** Harmless where the link stands. */
  addLink(place: UserPlace, otherId: string, at: number): Promise<void>;
  /** False where there was no such link. */
  removeLink(place: UserPlace, otherId: string): Promise<boolean>;
  /**
   * Makes each group one person of their own, with one current conversation a bot: the one last used of those that were
   * the current ones of the group and are its own, else the group's latest that is not closed, else none. The groups
   * together hold whole persons.
   */
  regroup(of: { workspaceId: string; mode: Mode }, groups: readonly (readonly string[])[]): Promise<void>;
  /**
   * Begins an erasure: from here on nothing finds what these users had. Gives the turns that were running or waiting.
   */
  beginErasure(ids: UserIds, erasure: Erasure): Promise<{ endedTurns: string[] }>;
  /**
   * Ids of the visitors who began conversations that are these users' by now: they were the same people, before they were
   * known. Those who are linked are somebody else's.
   */
  visitorsBefore(ids: UserIds): Promise<string[]>;
  /**
   * Takes the users of an erasure out of ended turns in conversations that stay: out of whose quotas they counted on, and,
   * as visitors, out of who sent them. Looks at some thousand turns behind `afterTurnId`, and gives the one to go on from; null when all were looked at.
   */
  forgetInTurns(workspaceId: string, erasureId: string, afterTurnId: string): Promise<string | null>;
  /** Removes about `limit` rows of an erasure; true when nothing of the users is left. */
  purgeErased(workspaceId: string, erasureId: string, limit: number): Promise<boolean>;
  completeErasure(workspaceId: string, erasureId: string, at: number): Promise<void>;
}
