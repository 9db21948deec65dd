import { installationIdName, type ReplicaStore } from '../../core/replica/replica-store.ts';
import type { TurnStatus } from '../../core/turn/turn.ts';
import { newId } from '../../kit/id.ts';
import type { PostgresPool } from './connection.ts';
import { openNoticeChannel } from './notice-channel.ts';
import { TurnStatements } from './turn-statements.ts';

type ProgressRow = { id: string; status: TurnStatus; attempt: number; text: string | null; log: string | null };

/** What the processes on one database share beside their rows. */
export const postgresReplicaStore = ({ pool, url }: { pool: PostgresPool; url: string }): ReplicaStore => {
  const statements = new TurnStatements(pool);
  return {
    async installationId() {
      // the first of those that start at once names it
      await pool.run(null, 'insert into instance_settings (name, value) values ($1, $2) on conflict do nothing', [
        installationIdName,
        newId('inst'),
      ]);
      const [row] = await pool.query<{ value: string }>(null, 'select value from instance_settings where name = $1', [
        installationIdName,
      ]);
      if (!row) throw new Error('the database has lost the name of the installation');
      return row.value;
    },

    progress: {
      async find(asked) {
        const places = asked.map(({ workspaceId, turnId, knownLength }) => ({
          workspace_id: workspaceId,
          id: turnId,
          known: knownLength,
        }));
        const rows = await statements.all<ProgressRow>('findProgress', JSON.stringify(places));
        return rows.map(({ id, status, attempt, text, log }) => ({
          turnId: id,
          status,
          attempt,
          stored: text === null || log === null ? null : { text, log },
        }));
      },
    },

    openChannel: (options) => openNoticeChannel({ ...options, pool, url }),
  };
};
