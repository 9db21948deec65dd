import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ParleyError } from '../error.ts';
import { assertHoldsRole, roles, scopesOfRole } from './role.ts';
import { covers, scopes } from './scope.ts';

test('each role holds all that the one behind it does, and more', () => {
  for (const [at, role] of roles.slice(0, -1).entries()) {
    const next = scopesOfRole[roles[at + 1] ?? 'viewer'];
    const held = new Set(scopesOfRole[role]);
    expect(next.every((scope) => covers(held, scope))).toBe(true);
    expect([...held].every((scope) => next.includes(scope))).toBe(false);
  }
});

test('an admin holds every scope by its name, and is no owner', () => {
  expect([...scopesOfRole.admin, 'all']).toEqual(scopes);
  const admin = {
    kind: 'key',
    workspaceId: 'ws_a',
    keyId: 'key_a',
    mode: 'live',
    scopes: new Set(scopesOfRole.admin),
    botIds: null,
  } as const;
  expect(() => assertHoldsRole(admin, 'admin')).not.toThrow();
  expect(() => assertHoldsRole(admin, 'owner')).toThrow(ParleyError);
});

test('docs/administration.md says of each role what it may do', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/administration.md'), 'utf8');
  for (const role of roles) {
    const row = new RegExp(`^\\| \`${role}\` +\\| (?<scopes>.*) \\|$`, 'm').exec(page)?.groups?.['scopes'] ?? '';
    const named = [...row.matchAll(/`([a-z:]+)`/g)].map(([, scope]) => scope);
    // that of an admin is said in words
    expect(named, role).toEqual(role === 'admin' ? [] : scopesOfRole[role]);
  }
});
