import type { Clock } from '../../kit/clock.ts';
import { type Principal, principalName } from '../access/principal.ts';
import { findBot } from '../bot/find-bot.ts';
import type { Writers } from '../store.ts';
import { createSource, type NewSource } from './create-source.ts';
import type { Source } from './source.ts';

/** Adds a source to a bot that the principal may know of. Throws not_found, and what `createSource` throws. */
export const addSource = async (
  writers: Writers,
  { principal, ...source }: Omit<NewSource, 'workspaceId'> & { principal: Principal },
  clock: Clock,
): Promise<Source> => {
  const { workspaceId } = await findBot(writers.bots, principal, source.botId);
  const added = await createSource(writers, { workspaceId, ...source }, clock);
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'source.create',
    target: added.id,
    detail: { bot_id: added.botId, type: added.type },
    at: added.createdAt,
  });
  return added;
};
