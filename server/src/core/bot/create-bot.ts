import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { type Principal, principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import type { Plan } from '../usage/plan.ts';
import type { Bot, BotConfig, BotQuotas } from './bot.ts';
import { botDefaults } from './bot-defaults.ts';
import { type BotChange, mergeConfig } from './merge-config.ts';
import { mergeQuotas } from './merge-quotas.ts';
import { checkModels } from './check-models.ts';
import type { KnownModels } from './known-models.ts';

/** What making and changing bots needs. */
export type BotTools = {
  models: KnownModels;
  clock: Clock;
  /** Drops what is remembered of a bot. */
  forget: (botId: string) => void;
};

/**
 * Makes a bot in its first version. Throws plan_limit_reached, insufficient_scope where the principal is limited to
 * other bots and could never reach this one, and invalid_request for a model that cannot be reached.
 */
export const createBot = async (
  writers: Writers,
  request: {
    principal: Principal;
    plan: Plan;
    config: BotChange & Pick<BotConfig, 'name'>;
    quotas?: Partial<BotQuotas>;
  },
  tools: Omit<BotTools, 'forget'> & { defaultModel: string },
): Promise<Bot> => {
  const { principal, plan } = request;
  if (principal.botIds !== null) {
    throw new ParleyError('insufficient_scope', 'A key that is limited to some bots cannot make another one.');
  }
  const config = mergeConfig({ ...botDefaults(tools.defaultModel), name: request.config.name }, request.config);
  await checkModels(config, {
    workspaceId: principal.workspaceId,
    models: tools.models,
    providers: writers.providers,
  });
  if (plan.bots !== null && (await writers.bots.count(principal.workspaceId)) >= plan.bots) {
    throw new ParleyError(
      'plan_limit_reached',
      `The plan "${plan.name}" allows ${plan.bots} bots. Delete one, or raise the plan.`,
    );
  }
  const at = tools.clock();
  const bot: Bot = {
    id: newId('bot'),
    workspaceId: principal.workspaceId,
    version: 1,
    createdAt: at,
    updatedAt: at,
    config,
    quotas: mergeQuotas(null, request.quotas ?? {}),
  };
  const actor = principalName(principal);
  await writers.bots.insert(bot, actor);
  if (bot.quotas) await writers.bots.setQuotas(bot, at);
  await writers.audit.append({
    workspaceId: bot.workspaceId,
    actor,
    action: 'bot.create',
    target: bot.id,
    detail: { name: config.name },
    at,
  });
  return bot;
};
