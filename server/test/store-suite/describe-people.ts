import { describe, expect, it } from 'vitest';
import type { Invitation } from '../../src/core/member/invitation.ts';
import type { Member } from '../../src/core/member/member.ts';
import type { Provider } from '../../src/core/provider/provider.ts';
import { newId } from '../../src/kit/id.ts';
import { addWorkspace, at, type CurrentStore, walk } from './store-under-test.ts';

const memberOf = (workspaceId: string, change: Partial<Member> = {}): Member => ({
  id: newId('mem'),
  workspaceId,
  email: `${newId('mem')}@example.com`,
  name: 'Ana',
  role: 'owner',
  createdAt: at,
  updatedAt: at,
  ...change,
});

const invitationOf = (workspaceId: string, change: Partial<Invitation> = {}): Invitation => ({
  id: newId('inv'),
  workspaceId,
  email: 'ana@example.com',
  role: 'viewer',
  invitedBy: 'key:key_a',
  createdAt: at,
  expiresAt: at + 1_000,
  ...change,
});

const providerOf = (workspaceId: string): Provider => ({
  id: newId('prov'),
  workspaceId,
  name: 'ours',
  type: 'anthropic',
  baseUrl: null,
  secretId: newId('secret'),
  lastFour: '1234',
  createdAt: at,
  updatedAt: at,
});

const describeMembers = (current: CurrentStore): void => {
  describe('members', () => {
    it('have an address of their own in their workspace', async () => {
      const { store } = current();
      const [one, other] = [await addWorkspace(current()), await addWorkspace(current())];
      const member = memberOf(one, { email: 'ana@example.com' });
      const insert = (each: Member) => store.transact(({ members }) => members.insert(each));
      expect(await insert(member)).toBe(true);
      expect(await insert(memberOf(one, { email: 'ana@example.com' }))).toBe(false);
      expect(await insert(memberOf(other, { email: 'ana@example.com' }))).toBe(true);
      expect(await store.readers.members.find(one, member.id)).toEqual(member);
      expect(await store.readers.members.find(other, member.id)).toBeNull();
    });

    it('are listed newest first in both directions', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const ids: string[] = [];
      for (let count = 0; count < 5; count++) {
        const member = memberOf(workspaceId);
        await store.transact(({ members }) => members.insert(member));
        ids.unshift(member.id);
      }
      const walked = await walk((page) => store.readers.members.list(workspaceId, page), 2);
      expect(walked).toEqual({ down: ids, up: ids });
    });

    it('keep an owner where two are taken at once', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const owners = [memberOf(workspaceId), memberOf(workspaceId)];
      for (const owner of owners) await store.transact(({ members }) => members.insert(owner));
      const take = (owner: Member) =>
        store.transact(async ({ members }) => {
          if ((await members.lockOwners(workspaceId)) < 2) return false;
          await members.remove(workspaceId, owner.id);
          return true;
        });
      const taken = await Promise.all(owners.map(take));
      expect(taken).toEqual(expect.arrayContaining([false, true]));
    });
  });
};

const describeInvitations = (current: CurrentStore): void => {
  describe('an invitation', () => {
    it('is taken by one caller alone', async () => {
      const { store } = current();
      const invitation = invitationOf(await addWorkspace(current()));
      await store.transact(({ invitations }) => invitations.insert(invitation, 'hash'));
      const take = () => store.transact(({ invitations }) => invitations.take('hash'));
      const taken = await Promise.all([take(), take(), take()]);
      expect(taken.filter((each) => each !== null)).toEqual([invitation]);
    });

    it('is the only one of its address, and counts until it expires', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const insert = (hash: string) =>
        store.transact(({ invitations }) => invitations.insert(invitationOf(workspaceId), hash));
      expect([await insert('one'), await insert('other')]).toEqual([true, false]);
      const list = async (now: number) =>
        (await store.readers.invitations.list(workspaceId, { limit: 5, after: null, before: null }, now)).items.length;
      expect([await list(at), await list(at + 1_000)]).toEqual([1, 0]);
      const remove = () => store.transact(({ invitations }) => invitations.removeExpired(at + 1_001, 10));
      expect([await remove(), await remove()]).toEqual([1, 0]);
    });
  });
};

const describeProviders = (current: CurrentStore): void => {
  describe("a workspace's provider", () => {
    it('has a name of its own, and is found by it', async () => {
      const { store } = current();
      const [one, other] = [await addWorkspace(current()), await addWorkspace(current())];
      const provider = providerOf(one);
      const insert = (each: Provider) => store.transact(({ providers }) => providers.insert(each));
      expect([await insert(provider), await insert(providerOf(one)), await insert(providerOf(other))]).toEqual([
        true,
        false,
        true,
      ]);
      expect(await store.readers.providers.findByName(one, 'ours')).toEqual(provider);
      const changed = { ...provider, baseUrl: 'https://example.com/v1', lastFour: '5678', updatedAt: at + 1 };
      await store.transact(({ providers }) => providers.update(changed));
      expect(await store.readers.providers.find(one, provider.id)).toEqual(changed);
      await store.transact(({ providers }) => providers.remove(one, provider.id));
      expect(await store.readers.providers.findByName(one, 'ours')).toBeNull();
      expect(await store.readers.providers.findByName(other, 'ours')).not.toBeNull();
    });
  });
};

/** Members, invitations and providers of a workspace. */
export const describePeople = (current: CurrentStore): void => {
  describeMembers(current);
  describeInvitations(current);
  describeProviders(current);
};
