import type { Principal } from '../../core/access/principal.ts';

type Described = { metadata: Record<string, string>; assignee?: string | null };

/** For a visitor without its metadata and assignee, which servers keep for themselves; for everybody else as it is. */
export const forCaller =
  <Value, Wire extends Described>(principal: Principal, present: (value: Value) => Wire) =>
  (value: Value): Wire => {
    const wire = present(value);
    if (principal.kind !== 'visitor') return wire;
    return { ...wire, metadata: {}, ...('assignee' in wire ? { assignee: null } : {}) };
  };
