import { expect, test } from 'vitest';
import type { WorkspaceInForce } from '../workspace/workspace.ts';
import { builtinCatalogue } from './plan-catalogue.ts';
import { createWorkspaceTerms } from './workspace-terms.ts';

const client: WorkspaceInForce = {
  id: 'ws_client',
  parentId: 'ws_agency',
  name: 'Client',
  plan: null,
  parentPlan: 'growth',
  share: { messagesPerMonth: 500, warnAt: 400 },
  createdAt: 0,
};

const setUp = (stored: WorkspaceInForce | null) => {
  const state = { now: 0, reads: 0, stored, gate: Promise.resolve() };
  const find = async (): Promise<WorkspaceInForce | null> => {
    state.reads += 1;
    const found = state.stored;
    await state.gate;
    return found;
  };
  return { state, terms: createWorkspaceTerms({ find }, builtinCatalogue, () => state.now) };
};

test('a share stands behind the quota that it is taken of, and has every other limit of that plan', async () => {
  const { terms } = setUp(client);
  expect(await terms.find('ws_client')).toEqual({
    parentId: 'ws_agency',
    plan: { ...builtinCatalogue.plans.get('growth'), messagesPerMonth: 500, warnAt: 400 },
    shares: [
      { workspaceId: 'ws_agency', ownerId: 'ws_agency', limit: 10_000, warnAt: null },
      { workspaceId: 'ws_client', ownerId: 'ws_client', limit: 500, warnAt: 400 },
    ],
  });
});

test('with a plan of its own a workspace counts on itself alone', async () => {
  const { terms } = setUp({ ...client, plan: 'starter', share: null });
  const shares = [{ workspaceId: 'ws_client', ownerId: 'ws_client', limit: 1_000, warnAt: null }];
  expect(await terms.find('ws_client')).toMatchObject({ plan: { name: 'starter' }, shares });
});

test('terms are read once in five seconds, and anew at once after a change made here', async () => {
  const { state, terms } = setUp(client);
  await terms.find('ws_client');
  state.now = 4_999;
  await terms.find('ws_client');
  expect(state.reads).toBe(1);
  state.now = 5_000;
  await terms.find('ws_client');
  terms.forget('ws_client');
  await terms.find('ws_client');
  expect(state.reads).toBe(3);
});

test('what was read before a change is not remembered after it', async () => {
  const { state, terms } = setUp(client);
  const gate = Promise.withResolvers<void>();
  state.gate = gate.promise;
  const underWay = terms.find('ws_client');
  state.stored = null;
  terms.forget('ws_client');
  gate.resolve();
  expect(await underWay).not.toBeNull();
  expect(await terms.find('ws_client')).toBeNull();
});
