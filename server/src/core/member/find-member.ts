import type { KeyManager } from '../access/key-grants.ts';
import { assertWholeWorkspace } from '../access/role.ts';
import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Member, MemberReader } from './member.ts';

/** A member of the principal's workspace; not_found otherwise. */
export const findMember = async (
  members: Pick<MemberReader, 'find'>,
  principal: KeyManager,
  memberId: string,
): Promise<Member> => {
  assertWholeWorkspace(principal);
  const member = await members.find(principal.workspaceId, memberId);
  if (!member) throw notFound('member');
  return member;
};

/** The members of the principal's workspace, newest first. */
export const listMembers = async (
  members: Pick<MemberReader, 'list'>,
  principal: KeyManager,
  page: PageRequest,
): Promise<Page<Member>> => {
  assertWholeWorkspace(principal);
  return members.list(principal.workspaceId, page);
};
