import type { Principal } from '../../core/access/principal.ts';

type Described = { metadata: Record<string, string> };

/** For a visitor without its metadata, which servers keep for themselves; for everybody else as it is. */
export const forCaller =
  <Value, Wire extends Described>(principal: Principal, present: (value: Value) => Wire) =>
  (value: Value): Wire => {
    const wire = present(value);
    return principal.kind === 'visitor' ? { ...wire, metadata: {} } : wire;
  };
