import { describe, expect, it } from 'vitest';
import { type ChainCheck, checkChain } from '../../src/core/audit/audit-chain.ts';
import { addWorkspace, at, type CurrentStore } from './store-under-test.ts';

/** The chain of acts of administration. */
export const describeAudit = (current: CurrentStore): void => {
  describe('the audit chain', () => {
    const append = (workspaceId: string, action = 'key.create') =>
      current().store.transact(({ audit }) =>
        audit.append({ workspaceId, actor: 'cli', action, target: 'key_x', detail: { name: 'ბლანკეტი' }, at }),
      );
    const written = async (count: number): Promise<string> => {
      const workspaceId = await addWorkspace(current());
      for (let done = 0; done < count; done++) await append(workspaceId);
      return workspaceId;
    };
    const check = async (workspaceId: string): Promise<ChainCheck> => {
      const { audit } = current().store.readers;
      const head = (await audit.heads('', 100)).find((each) => each.workspaceId === workspaceId);
      if (!head) throw new Error('there is no head');
      return checkChain(audit, head);
    };

    it('is whole however many add to it at once', async () => {
      const workspaceId = await written(0);
      await Promise.all(Array.from({ length: 30 }, () => append(workspaceId)));
      expect(await check(workspaceId)).toMatchObject({ head: { length: 30 }, broken: null });
    });

    it('of one workspace is apart from that of another', async () => {
      const [one, other] = [await written(2), await written(1)];
      expect((await check(one)).head.length).toBe(2);
      expect((await check(other)).head.length).toBe(1);
      const { items } = await current().store.readers.audit.list(
        other,
        { action: null, actor: null, target: null },
        { limit: 10, after: null, before: null },
      );
      expect(items.map(({ workspaceId }) => workspaceId)).toEqual([other]);
    });

    it.each([
      ['an entry was changed', "update audit_log set actor = 'key:other' where position = 2", 2],
      ['an entry was removed', 'delete from audit_log where position = 2', 2],
      ['its end was cut off', 'delete from audit_log where position = 3', 3],
      ['its beginning was cut off', 'delete from audit_log where position = 1', 1],
      ['an entry was made to fit alone', "update audit_log set previous_hash = '' where position = 3", 3],
      ['its head was put back', 'update audit_heads set length = 2', 2],
    ])('shows that %s', async (_what, sql, position) => {
      const workspaceId = await written(3);
      expect((await check(workspaceId)).broken).toBeNull();
      await current().run(sql);
      expect((await check(workspaceId)).broken?.position).toBe(position);
    });
  });
};
