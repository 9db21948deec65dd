/** What a key or a console role may do. `all` stands for every one of them. */
export const scopes = [
  'chat',
  'bots:read',
  'bots:write',
  'conversations:read',
  'conversations:write',
  'usage:read',
  'keys:write',
  'users:read',
  'users:write',
  'workspaces:write',
  'admin',
  'all',
] as const;

export type Scope = (typeof scopes)[number];

/** True where `held` covers `wanted`. */
export const covers = (held: ReadonlySet<Scope>, wanted: Scope): boolean => held.has(wanted) || held.has('all');
