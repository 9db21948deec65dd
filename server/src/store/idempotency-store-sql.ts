import type { Kysely } from 'kysely';
import type { IdempotencyScope, IdempotencyStore } from '../core/idempotency/idempotency-store.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import type { Schema } from './schema.ts';

/** `clock` decides which keys have expired. */
export const idempotencyStoreSql = (db: Kysely<Schema>, clock: Clock = systemClock): IdempotencyStore => {
  const insert = async (scope: IdempotencyScope, expiresAt: number): Promise<boolean> => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('idempotency_keys')
      .values({
        workspace_id: scope.workspaceId,
        principal: scope.principal,
        route: scope.route,
        key: scope.key,
        fingerprint: scope.fingerprint,
        subject_id: null,
        status: null,
        body: null,
        sealed: 0,
        expires_at: expiresAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  };

  const find: IdempotencyStore['find'] = async (scope) => {
    const known = await db
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'status', 'body', 'sealed', 'subject_id', 'expires_at'])
      .where('workspace_id', '=', scope.workspaceId)
      .where('principal', '=', scope.principal)
      .where('route', '=', scope.route)
      .where('key', '=', scope.key)
      .executeTakeFirst();
    if (!known || known.expires_at <= clock()) return null;
    if (known.fingerprint !== scope.fingerprint) return { kind: 'mismatch' };
    // claim and answer are one transaction: a row that others can see has its answer
    if (known.status === null || known.body === null) throw new Error('an Idempotency-Key stands without its answer');
    const { status, body, sealed, subject_id: subjectId } = known;
    return { kind: 'replay', response: { status, body, sealed: sealed === 1, subjectId } };
  };

  return {
    async isKnown(scope) {
      const known = await db
        .selectFrom('idempotency_keys')
        .select('expires_at')
        .where('workspace_id', '=', scope.workspaceId)
        .where('principal', '=', scope.principal)
        .where('route', '=', scope.route)
        .where('key', '=', scope.key)
        .executeTakeFirst();
      return known !== undefined && known.expires_at > clock();
    },

    find,

    async claim(scope, expiresAt) {
      if (await insert(scope, expiresAt)) return { kind: 'claimed' };
      const known = await find(scope);
      if (known) return known;
      await removeKey(db, scope);
      await insert(scope, expiresAt);
      return { kind: 'claimed' };
    },

    async complete(scope, response) {
      await db
        .updateTable('idempotency_keys')
        .set({
          status: response.status,
          body: response.body,
          sealed: response.sealed ? 1 : 0,
          subject_id: response.subjectId,
        })
        .where('workspace_id', '=', scope.workspaceId)
        .where('principal', '=', scope.principal)
        .where('route', '=', scope.route)
        .where('key', '=', scope.key)
        .execute();
    },

    async removeExpired(now, limit) {
      const { numDeletedRows } = await removeExpiredKeys(db, now, limit).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
};

const removeKey = async (db: Kysely<Schema>, scope: IdempotencyScope): Promise<void> => {
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', scope.workspaceId)
    .where('principal', '=', scope.principal)
    .where('route', '=', scope.route)
    .where('key', '=', scope.key)
    .execute();
};

const removeExpiredKeys = (db: Kysely<Schema>, now: number, limit: number) =>
  db
    .deleteFrom('idempotency_keys')
    .where((where) =>
      where(
        where.refTuple('workspace_id', 'principal', 'route', 'key'),
        'in',
        where
          .selectFrom('idempotency_keys as expired')
          .select(['expired.workspace_id', 'expired.principal', 'expired.route', 'expired.key'])
          .where('expired.expires_at', '<', now)
          .orderBy('expired.expires_at')
          .limit(limit)
          .$asTuple('workspace_id', 'principal', 'route', 'key'),
      ),
    );
