import { isDeepStrictEqual } from 'node:util';
import { type Principal, principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { assertVersion } from './assert-version.ts';
import type { Bot, BotConfig } from './bot.ts';
import { checkModels } from './check-models.ts';
import type { BotTools } from './create-bot.ts';
import { findBot } from './find-bot.ts';
import { findBotVersion } from './find-bot-version.ts';

/**
 * Makes the next version of a bot with the configuration of an earlier one; where it has that already there is none. Its
 * quotas, which are no part of versions, stay. Throws not_found, version_mismatch where another than `expectedVersion` is
 * current, and invalid_request for a model that can no longer be reached.
 */
export const restoreBotVersion = async (
  writers: Writers,
  request: { principal: Principal; botId: string; version: number; expectedVersion: number | null },
  tools: BotTools,
): Promise<Bot> => {
  const { principal, botId, version } = request;
  const bot = await findBot(writers.bots, principal, botId);
  assertVersion(bot, request.expectedVersion);
  const { config } = await findBotVersion(writers.bots, principal, { botId, version });
  if (isDeepStrictEqual(config, bot.config)) return bot;
  // as with any change: a model that the bot has is its own affair, one that it is given must exist
  if (!hasSameModels(config, bot.config)) {
    const { workspaceId } = bot;
    await checkModels(config, { workspaceId, models: tools.models, providers: writers.providers });
  }
  const at = tools.clock();
  const restored: Bot = { ...bot, version: bot.version + 1, updatedAt: at, config };
  const actor = principalName(principal);
  if (!(await writers.bots.insertVersion(restored, actor))) throw new ParleyError('version_mismatch');
  await writers.audit.append({
    workspaceId: bot.workspaceId,
    actor,
    action: 'bot.restore',
    target: bot.id,
    detail: { version: restored.version, restored: version },
    at,
  });
  writers.afterCommit(() => tools.forget(bot.id));
  return restored;
};

const hasSameModels = (one: BotConfig, other: BotConfig): boolean =>
  one.model === other.model && isDeepStrictEqual(one.fallbackModels, other.fallbackModels);
