import type { Principal } from '../access/principal.ts';
import { notFound, ParleyError } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Client } from './client.ts';
import type { ClientReader } from './client-store.ts';

/** Refuses to change what clients there are, and on what terms, in test mode: both are of live mode. */
export const assertLive = (principal: Principal): void => {
  if (principal.mode === 'live') return;
  throw new ParleyError('insufficient_scope', 'A test key makes, changes and deletes no client workspaces.');
};

/** A client of the principal's workspace; not_found for every other workspace, its own too. */
export const findClient = async (
  clients: Pick<ClientReader, 'find'>,
  principal: Principal,
  clientId: string,
): Promise<Client> => {
  const client = principal.botIds === null ? await clients.find(principal.workspaceId, clientId) : null;
  if (!client) throw notFound('workspace');
  return client;
};

/** The clients of the principal's workspace, newest first; none for a key that is limited to bots. */
export const listClients = async (
  clients: Pick<ClientReader, 'list'>,
  principal: Principal,
  page: PageRequest,
): Promise<Page<Client>> =>
  principal.botIds === null ? clients.list(principal.workspaceId, page) : { items: [], hasMore: false };
