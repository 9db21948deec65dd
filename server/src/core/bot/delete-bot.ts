import { type Principal, principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import type { BotTools } from './create-bot.ts';
import { findBot } from './find-bot.ts';

/**
 * Deletes a bot. From then on nothing finds it; its conversations and its knowledge are removed in batches by a job. While
 * it still has conversations, `confirm` must be its name: confirmation_required otherwise. While it has live ones, that takes
 * a live key: insufficient_scope otherwise, since what a test key does is nobody's in live mode.
 */
export const deleteBot = async (
  writers: Writers,
  request: { principal: Principal; botId: string; confirm: string | null },
  tools: Pick<BotTools, 'clock' | 'forget'>,
): Promise<void> => {
  const { principal, botId, confirm } = request;
  const bot = await findBot(writers.bots, principal, botId);
  if (principal.mode === 'test' && (await writers.bots.hasConversations(bot.workspaceId, bot.id, 'live'))) {
    throw new ParleyError('insufficient_scope', 'This bot has live conversations: deleting it needs a live key.');
  }
  if (confirm !== bot.config.name) await assertDisposable(writers, bot.workspaceId, { botId, confirm });
  const at = tools.clock();
  await writers.bots.markDeleted(bot.workspaceId, bot.id, at);
  await writers.jobs.enqueue({
    workspaceId: bot.workspaceId,
    kind: 'purge-bot',
    payload: { botId: bot.id },
    dedupeKey: `purge-bot:${bot.id}`,
  });
  await writers.audit.append({
    workspaceId: bot.workspaceId,
    actor: principalName(principal),
    action: 'bot.delete',
    target: bot.id,
    detail: { name: bot.config.name },
    at,
  });
  writers.afterCommit(() => tools.forget(bot.id));
};

const assertDisposable = async (
  writers: Writers,
  workspaceId: string,
  request: { botId: string; confirm: string | null },
): Promise<void> => {
  if (request.confirm !== null) {
    throw new ParleyError('confirmation_required', '`confirm` is not the name of this bot. Send its exact name.', {
      param: 'confirm',
    });
  }
  if (await writers.bots.hasConversations(workspaceId, request.botId, null))
    throw new ParleyError('confirmation_required');
};
