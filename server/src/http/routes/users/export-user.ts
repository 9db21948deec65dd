import { exportLineSchema, userParams } from '@parley/protocol/user-schemas';
import { ParleyError } from '../../../core/error.ts';
import { exportUser, type ExportLine } from '../../../core/user/export-user.ts';
import { noteExport } from '../../../core/user/note-export.ts';
import { answeredByHand, defineRoute, type Route } from '../../define-route.ts';
import { streamJsonLines } from '../../json-lines.ts';
import { presentExportLine } from '../../present/export-line.ts';
import { presentTime } from '../../present/time.ts';
import type { RouteParts } from '../../route-parts.ts';

/** Exports at once in one process: each holds a page of rows, and reads as fast as its caller takes it. */
const maxExports = 16;
/** Of one workspace, so that whoever reads slowly takes the places of nobody else. */
const maxWorkspaceExports = 2;

export const exportUserRoute = ({
  readers,
  transact,
  clock,
}: Pick<RouteParts, 'readers' | 'transact' | 'clock'>): Route => {
  /** How many run in each workspace. */
  const running = new Map<string, number>();
  const reserve = (workspaceId: string): (() => void) => {
    const own = running.get(workspaceId) ?? 0;
    const all = running.values().reduce((sum, count) => sum + count, 0);
    if (own >= maxWorkspaceExports || all >= maxExports) {
      throw new ParleyError('overloaded', 'Too many exports run already.', { retryAfterSeconds: 10 });
    }
    running.set(workspaceId, own + 1);
    return () => {
      const left = (running.get(workspaceId) ?? 1) - 1;
      if (left > 0) running.set(workspaceId, left);
      else running.delete(workspaceId);
    };
  };
  return defineRoute({
    method: 'GET',
    path: '/v1/users/:user_id/export',
    operationId: 'exportUser',
    summary: 'Export everything of a user',
    description:
      'JSON lines: everything that is stored of the person, this user and every user they are linked to. The last line is `export_end`; an export without it is not whole. What is written meanwhile may be in it or not. Needs the scope `conversations:read` as well.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:read' },
    params: userParams,
    replies: { 200: exportLineSchema },
    otherContent: { 200: ['application/jsonl'] },
    sends: { 'content-disposition': [200] },
    errors: ['not_found', 'insufficient_scope', 'overloaded'],
    handler: async ({ principal, params: { user_id: userId }, raw }) => {
      const release = reserve(principal.workspaceId);
      try {
        const lines = await exportUser({ ...readers }, principal, userId);
        const at = clock();
        await transact((writers) => noteExport(writers, { principal, userId, at }));
        const begin = { object: 'export', user_id: userId, created_at: presentTime(at) };
        await streamJsonLines(raw, framed(begin, lines), { fileName: 'export.jsonl' });
        return answeredByHand;
      } finally {
        release();
      }
    },
  });
};

async function* framed(begin: object, lines: AsyncIterable<ExportLine>): AsyncGenerator<object> {
  let count = 1;
  yield begin;
  for await (const line of lines) {
    count += 1;
    yield presentExportLine(line);
  }
  yield { object: 'export_end', lines: count };
}
