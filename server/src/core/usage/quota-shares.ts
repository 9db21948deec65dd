import type { Bot } from '../bot/bot.ts';
import type { QuotaShare } from '../turn/turn.ts';
import { userOwnerId } from './quota-owner.ts';

/**
 * The nodes of the quota tree that a message counts on, outermost first: those of its workspace, then its bot and its user
 * where the bot limits them. Mostly the workspace's alone, as they are.
 */
export const quotaSharesOf = (
  outer: readonly QuotaShare[],
  bot: Pick<Bot, 'id' | 'workspaceId' | 'quotas'>,
  userId: string | null,
): readonly QuotaShare[] => {
  if (!bot.quotas) return outer;
  const { workspaceId, id } = bot;
  const { bot: ofBot, user: ofUser } = bot.quotas;
  const shares = [...outer];
  if (ofBot) shares.push({ workspaceId, ownerId: id, limit: ofBot.messagesPerMonth, warnAt: ofBot.warnAt });
  if (ofUser && userId !== null) {
    shares.push({ workspaceId, ownerId: userOwnerId(userId), limit: ofUser.messagesPerMonth, warnAt: ofUser.warnAt });
  }
  return shares;
};
