import { WorkspaceModels } from '../core/provider/workspace-models.ts';
import type { ChatModel } from '../core/turn/chat-model.ts';
import { ModelCatalogue } from '../core/turn/model-catalogue.ts';
import { systemClock } from '../kit/clock.ts';
import type { Outbound } from '../kit/outbound/outbound.ts';
import { builtinModel } from '../model/builtin/builtin-model.ts';
import { createModelClient } from '../model/create-client.ts';
import { createWorkspaceClient } from '../model/workspace-client.ts';
import type { Environment } from './environment.ts';

/** The models that bots may name: the operator's, and those of their own workspace. */
export const createModels = (environment: Environment, outbound: Outbound) => {
  const { readers } = environment.store;
  const workspaceModels = new WorkspaceModels({
    providers: readers.providers,
    secrets: readers.encryptedSecrets,
    createClient: createWorkspaceClient(outbound),
    clock: systemClock,
    onUnusable: ({ workspaceId, id }, error) =>
      environment.logger.error({ workspace_id: workspaceId, provider_id: id, err: error }, 'a provider cannot be used'),
  });
  return { models: new ModelCatalogue(operatorModels(environment), workspaceModels), workspaceModels };
};

const operatorModels = ({ config, overrides }: Environment): Map<string, ChatModel> =>
  new Map<string, ChatModel>([
    ['builtin', builtinModel()],
    ...config.providers.map((provider) => [provider.name, createModelClient(provider)] as const),
    ...(overrides.models ?? []),
  ]);
