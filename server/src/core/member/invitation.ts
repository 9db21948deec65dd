import type { Role } from '../access/role.ts';
import type { Page, PageRequest } from '../page.ts';

/** Lets whoever has its token become a member. An address has one at a time. */
export type Invitation = {
  id: string;
  workspaceId: string;
  /** Normalised. */
  email: string;
  role: Role;
  /** The principal's name. */
  invitedBy: string;
  createdAt: number;
  expiresAt: number;
};

export interface InvitationReader {
  /** Those that have not expired. */
  list(workspaceId: string, page: PageRequest, now: number): Promise<Page<Invitation>>;
}

export interface InvitationStore extends InvitationReader {
  /** Also where it has expired. */
  find(workspaceId: string, invitationId: string): Promise<Invitation | null>;
  findByEmail(workspaceId: string, email: string): Promise<Invitation | null>;
  /** How many have not expired. */
  count(workspaceId: string, now: number): Promise<number>;
  /** False where the address is invited already. */
  insert(invitation: Invitation, tokenHash: string): Promise<boolean>;
  remove(workspaceId: string, invitationId: string): Promise<void>;
  /** Takes it away and gives it to one caller alone. Looks in every workspace: who has the token has the right. */
  take(tokenHash: string): Promise<Invitation | null>;
  /** Removes at most `limit` that expired before `now`; gives their number. */
  removeExpired(now: number, limit: number): Promise<number>;
}
