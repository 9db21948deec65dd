import type { Role } from '../access/role.ts';
import type { Page, PageRequest } from '../page.ts';

/** A person of a workspace. */
export type Member = {
  id: string;
  workspaceId: string;
  /** Normalised, and unique in the workspace. */
  email: string;
  name: string;
  role: Role;
  createdAt: number;
  updatedAt: number;
};

export interface MemberReader {
  find(workspaceId: string, memberId: string): Promise<Member | null>;
  list(workspaceId: string, page: PageRequest): Promise<Page<Member>>;
}

export interface MemberStore extends MemberReader {
  findByEmail(workspaceId: string, email: string): Promise<Member | null>;
  count(workspaceId: string): Promise<number>;
  /** False where the address is a member already. */
  insert(member: Member): Promise<boolean>;
  update(member: Member): Promise<void>;
  remove(workspaceId: string, memberId: string): Promise<void>;
  /** How many owners there are. Nobody else makes one less until the transaction has ended. */
  lockOwners(workspaceId: string): Promise<number>;
}
