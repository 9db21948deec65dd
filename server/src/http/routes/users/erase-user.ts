import { erasureSchema, userParams } from '@parley/protocol/user-schemas';
import { eraseUser } from '../../../core/user/erase-user.ts';
import { awaitErasure } from '../../../core/user/find-erasure.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentErasure } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const eraseUserRoute = ({
  readers,
  transact,
  clock,
  endTurns,
}: Pick<RouteParts, 'readers' | 'transact' | 'clock' | 'endTurns'>): Route =>
  defineRoute({
    method: 'DELETE',
    path: '/v1/users/:user_id',
    operationId: 'eraseUser',
    summary: 'Erase a user',
    description:
      'Erases the person: this user and every user they are linked to, with traits, links, conversations, messages, turns, feedback and everything else that holds a word of theirs. A turn that runs is charged where text of its reply was stored. From then on nothing finds them; the rows are removed in small batches. 200 where that is done within two seconds, else 202: the receipt says when it is completed. A later message under the same id starts afresh.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:write' },
    params: userParams,
    replies: { 200: erasureSchema, 202: erasureSchema },
    errors: ['not_found', 'insufficient_scope'],
    handler: async ({ principal, params: { user_id: userId } }) => {
      const begun = await transact((writers) => eraseUser(writers, { principal, userId }, { clock, endTurns }));
      const erasure = await awaitErasure(readers.users, begun);
      return { status: erasure.status === 'completed' ? 200 : 202, body: presentErasure(erasure, userId) };
    },
  });
