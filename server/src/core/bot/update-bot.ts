import { isDeepStrictEqual } from 'node:util';
import { type Principal, principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { assertVersion } from './assert-version.ts';
import type { Bot, BotQuotas } from './bot.ts';
import { checkModels } from './check-models.ts';
import type { BotTools } from './create-bot.ts';
import { findBot } from './find-bot.ts';
import { type BotChange, mergeConfig } from './merge-config.ts';
import { mergeQuotas } from './merge-quotas.ts';

/**
 * Changes a bot by making its next version; where nothing changes, or its quotas alone, there is none. `expectedVersion`:
 * refused with version_mismatch where another one is current.
 */
export const updateBot = async (
  writers: Writers,
  request: {
    principal: Principal;
    botId: string;
    change: BotChange;
    quotas?: Partial<BotQuotas>;
    expectedVersion: number | null;
  },
  tools: BotTools,
): Promise<Bot> => {
  const { principal, botId, change, expectedVersion } = request;
  const bot = await findBot(writers.bots, principal, botId);
  assertVersion(bot, expectedVersion);
  const config = mergeConfig(bot.config, change);
  const quotas = mergeQuotas(bot.quotas, request.quotas ?? {});
  const newVersion = !isDeepStrictEqual(config, bot.config);
  const newQuotas = !isDeepStrictEqual(quotas, bot.quotas);
  if (!newVersion && !newQuotas) return bot;
  // a bot stays editable when the operator took its provider away: only a model that is set now must exist
  if (change.model !== undefined || change.fallbackModels !== undefined) {
    const { workspaceId } = bot;
    await checkModels(config, { workspaceId, models: tools.models, providers: writers.providers });
  }
  const at = tools.clock();
  const changed: Bot = newVersion
    ? { ...bot, version: bot.version + 1, updatedAt: at, config, quotas }
    : { ...bot, quotas };
  const actor = principalName(principal);
  if (newVersion && !(await writers.bots.insertVersion(changed, actor))) throw new ParleyError('version_mismatch');
  if (newQuotas) await writers.bots.setQuotas(changed, at);
  await writers.audit.append({
    workspaceId: bot.workspaceId,
    actor,
    action: 'bot.update',
    target: bot.id,
    detail: { version: changed.version, fields: [...Object.keys(change), ...(newQuotas ? ['quotas'] : [])] },
    at,
  });
  writers.afterCommit(() => tools.forget(bot.id));
  return changed;
};
