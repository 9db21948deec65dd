import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Key } from './key.ts';
import { type KeyManager, maySeeKey, seesAllKeys } from './key-grants.ts';
import type { KeyReader } from './key-store.ts';

/** A key that the principal may know of and that was not revoked; not_found otherwise. */
export const findKey = async (keys: KeyReader, principal: KeyManager, keyId: string): Promise<Key> => {
  const key = await keys.find(principal.workspaceId, keyId);
  if (!key || !maySeeKey(principal, key)) throw notFound('key');
  return key;
};

/** Read at once for whoever may not know of all of them: what they may know of can lie far apart. */
const keysPerRead = 200;

/** Keys that were not revoked, newest first. */
export const listKeys = async (keys: KeyReader, principal: KeyManager, page: PageRequest): Promise<Page<Key>> => {
  const upwards = page.before !== null;
  const found: Key[] = [];
  const limit = seesAllKeys(principal) ? page.limit : Math.max(page.limit, keysPerRead);
  let rest = { ...page, limit };
  // keys that the principal may not know of are passed over, so that a page is full wherever there are enough
  for (;;) {
    const { items, hasMore } = await keys.list(principal.workspaceId, rest);
    const seen = items.filter((key) => maySeeKey(principal, key));
    found.push(...(upwards ? seen.toReversed() : seen));
    const last = upwards ? items.at(0) : items.at(-1);
    if (found.length > page.limit || !hasMore || !last) {
      const kept = found.slice(0, page.limit);
      return { items: upwards ? kept.toReversed() : kept, hasMore: hasMore || found.length > page.limit };
    }
    rest = { limit, after: upwards ? null : last.id, before: upwards ? last.id : null };
  }
};
