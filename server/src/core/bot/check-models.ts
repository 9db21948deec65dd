import { ParleyError } from '../error.ts';
import type { BotConfig } from './bot.ts';
import type { KnownModels } from './known-models.ts';

/** Refuses a bot whose models this installation cannot reach, or which tries one model twice. */
export const checkModels = (config: Pick<BotConfig, 'model' | 'fallbackModels'>, models: KnownModels): void => {
  checkModel(config.model, 'model', models);
  const tried = new Set([config.model]);
  for (const [at, model] of config.fallbackModels.entries()) {
    const param = `fallback_models.${at}`;
    checkModel(model, param, models);
    if (tried.has(model)) {
      throw new ParleyError('invalid_request', `\`${param}\` names a model that is tried before already.`, { param });
    }
    tried.add(model);
  }
};

const checkModel = (model: string, param: string, models: KnownModels): void => {
  if (models.has(model)) return;
  throw new ParleyError(
    'invalid_request',
    `\`${param}\` names a provider that is not configured here. Use \`builtin\`, or \`provider/model\` of a configured provider.`,
    { param },
  );
};
