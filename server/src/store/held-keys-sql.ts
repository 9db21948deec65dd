import type { Kysely } from 'kysely';
import { ParleyError } from '../core/error.ts';
import { userSubject } from '../core/user/user-subject.ts';
import type { Mode } from '../core/access/principal.ts';
import type { Schema } from './schema.ts';

/**
 * An Idempotency-Key outlives its turn: a retry that comes late is not answered and charged again. What was asked is gone
 * from it then, also its hash, which a short message could be guessed from.
 */
const heldFingerprint = '';

/** Throws not_found for a key whose turn was deleted, whatever is sent with it now. */
export const refuseHeld = ({ fingerprint }: { fingerprint: string }): void => {
  if (fingerprint !== heldFingerprint) return;
  throw new ParleyError(
    'not_found',
    'The turn that this Idempotency-Key has made was deleted with its conversation. Send a new message with a new key.',
  );
};

/** Keeps the keys of chat calls that made these turns, until they expire or the user is erased; kept answers are left. */
export const holdKeys = async (
  db: Kysely<Schema>,
  turns: { workspaceId: string; ids: readonly string[]; mode: Mode; userId: string | null },
): Promise<void> => {
  if (turns.ids.length === 0) return;
  await db
    .updateTable('idempotency_keys')
    .set({
      fingerprint: heldFingerprint,
      subject_id: turns.userId === null ? null : userSubject(turns.mode, turns.userId),
    })
    .where('workspace_id', '=', turns.workspaceId)
    .where('subject_id', 'in', turns.ids)
    .where('status', 'is', null)
    .execute();
};

/** Frees what `holdKeys` has kept of these users. */
export const freeHeldKeys = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userIds }: { workspaceId: string; mode: Mode; userIds: readonly string[] },
): Promise<void> => {
  const subjects = userIds.map((userId) => userSubject(mode, userId));
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', 'in', subjects)
    .where('fingerprint', '=', heldFingerprint)
    .execute();
};
