import { ParleyError } from '../error.ts';
import type { BotConfig } from './bot.ts';
import type { ProviderReader } from '../provider/provider.ts';
import type { KnownModels } from './known-models.ts';

/** Where the models of a workspace's bots are looked for: among those of every workspace, and its own providers. */
export type ModelScope = { workspaceId: string; models: KnownModels; providers: Pick<ProviderReader, 'findByName'> };

/** Refuses a bot whose models its workspace cannot reach, or which tries one model twice. */
export const checkModels = async (
  config: Pick<BotConfig, 'model' | 'fallbackModels'>,
  scope: ModelScope,
): Promise<void> => {
  await checkModel(config.model, 'model', scope);
  const tried = new Set([config.model]);
  for (const [at, model] of config.fallbackModels.entries()) {
    const param = `fallback_models.${at}`;
    await checkModel(model, param, scope);
    if (tried.has(model)) {
      throw new ParleyError('invalid_request', `\`${param}\` names a model that is tried before already.`, { param });
    }
    tried.add(model);
  }
};

const checkModel = async (model: string, param: string, scope: ModelScope): Promise<void> => {
  if (scope.models.has(model)) return;
  const [provider = '', ...rest] = model.split('/');
  if (rest.length > 0 && (await scope.providers.findByName(scope.workspaceId, provider))) return;
  throw new ParleyError(
    'invalid_request',
    `\`${param}\` names a provider that is not configured here. Use \`builtin\`, or \`provider/model\` of a configured provider.`,
    { param },
  );
};
