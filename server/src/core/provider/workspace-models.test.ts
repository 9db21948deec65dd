import { expect, it } from 'vitest';
import { builtinModel } from '../../model/builtin/builtin-model.ts';
import type { Provider } from './provider.ts';
import { WorkspaceModels } from './workspace-models.ts';

const provider: Provider = {
  id: 'prov_1',
  workspaceId: 'ws_1',
  name: 'ours',
  type: 'openai-compatible',
  baseUrl: 'https://models.example/v1',
  secretId: 'sec_1',
  lastFour: '0000',
  createdAt: 0,
  updatedAt: 0,
};

it('leaves a provider whose key does not open to the fallback models, and says so, until it opens again', async () => {
  const told: unknown[] = [];
  let opens = false;
  const models = new WorkspaceModels({
    providers: { findByName: () => Promise.resolve(provider) },
    secrets: {
      reveal: () => (opens ? Promise.resolve('sk-1') : Promise.reject(new Error('sealed under another key'))),
    },
    createClient: () => builtinModel(),
    clock: () => 0,
    onUnusable: ({ id }, error) => told.push([id, (error as Error).message]),
  });
  expect(await models.find('ws_1', 'ours')).toBeNull();
  expect(told).toEqual([['prov_1', 'sealed under another key']]);
  opens = true;
  expect(await models.find('ws_1', 'ours')).not.toBeNull();
});
