import { expect, test } from 'vitest';
import type { Principal } from '../access/principal.ts';
import type { Scope } from '../access/scope.ts';
import { builtinCatalogue } from '../usage/plan-catalogue.ts';
import { createActForClient } from './act-for-client.ts';

const { defaultPlan } = builtinCatalogue;
const ownPlan = { ...defaultPlan, name: 'own' };
const terms = new Map([
  ['ws_client', { parentId: 'ws_agency', plan: defaultPlan, shares: [] }],
  ['ws_other', { parentId: 'ws_somebody', plan: defaultPlan, shares: [] }],
  ['ws_agency', { parentId: null, plan: ownPlan, shares: [] }],
]);
const actForClient = createActForClient({ find: async (workspaceId) => terms.get(workspaceId) ?? null });

const base = { workspaceId: 'ws_agency', mode: 'live', scopes: new Set<Scope>(['workspaces:write']) } as const;
const key: Principal = { ...base, kind: 'key', keyId: 'key_a', botIds: null };
const member: Principal = { ...base, kind: 'session', memberId: 'mem_a', botIds: null };

test.each([key, member])(
  'a $kind works in the client with its own scopes and under the plan of the client',
  async (principal) => {
    const acting = await actForClient({ principal, plan: ownPlan }, 'ws_client');
    expect(acting).toEqual({
      plan: defaultPlan,
      principal: { ...principal, workspaceId: 'ws_client', homeWorkspaceId: 'ws_agency' },
    });
  },
);

test.each(['ws_other', 'ws_agency', 'ws_unknown', ''])('%j is no client of the agency', async (clientId) => {
  const refused = actForClient({ principal: key, plan: ownPlan }, clientId);
  await expect(refused).rejects.toMatchObject({ code: 'not_found', detail: 'There is no such workspace.' });
});

test.each<[string, Principal]>([
  ['a key without the scope', { ...key, scopes: new Set<Scope>(['admin', 'bots:write']) }],
  ['a key that is limited to bots', { ...key, botIds: new Set(['bot_a']) }],
  [
    'a visitor',
    { ...base, kind: 'visitor', keyId: 'key_a', visitorId: 'v', scopes: new Set(['all']), botIds: new Set() } as never,
  ],
])('%s acts for nobody, whether there is such a client or not', async (_who, principal) => {
  for (const clientId of ['ws_client', 'ws_unknown']) {
    const refused = actForClient({ principal, plan: ownPlan }, clientId);
    await expect(refused).rejects.toMatchObject({ code: 'insufficient_scope' });
  }
});

test('who acts for a client cannot go on to another from there', async () => {
  const acting = await actForClient({ principal: key, plan: ownPlan }, 'ws_client');
  await expect(actForClient(acting, 'ws_client')).rejects.toMatchObject({ code: 'not_found' });
});
