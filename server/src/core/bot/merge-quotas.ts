import { checkQuota } from '../usage/quota-limits.ts';
import type { BotQuotas } from './bot.ts';

/** A bot's limits after a change; null where none are left. Throws invalid_request for a warning that could never come. */
export const mergeQuotas = (quotas: BotQuotas | null, change: Partial<BotQuotas>): BotQuotas | null => {
  const merged = { bot: null, user: null, ...quotas, ...change };
  checkQuota(merged.bot, 'quota');
  checkQuota(merged.user, 'user_quota');
  return merged.bot || merged.user ? merged : null;
};
