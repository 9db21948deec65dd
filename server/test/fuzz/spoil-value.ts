import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

/** What nobody's schema asks for: each has broken some server before. */
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  ' ',
  '\0',
  '\ud800',
  '../../etc/passwd',
  '%00',
  '__proto__',
  "'; drop table bots; --",
  'a'.repeat(5_000),
  [],
  [null],
  {},
  { __proto__: { admin: true } },
  [[[[[[[[]]]]]]]],
];

/** Names that a careless server would take over into its own objects. */
const foreignNames = [
  'workspace_id',
  'id',
  'created_at',
  'role',
  'plan',
  'admin',
  'scopes',
  'constructor',
  '__proto__',
  'x',
];

/** A valid value with one thing wrong somewhere in it. It may still be valid: the server decides. */
export const spoil = (value: unknown): Arbitrary<unknown> => {
  const odd = fc.constantFrom(...oddValues);
  if (typeof value !== 'object' || value === null) return odd;
  if (Array.isArray(value)) {
    if (value.length === 0) return fc.oneof(odd, fc.constant([{}]));
    return fc.oneof(
      odd,
      fc.nat(value.length - 1).chain((at) => spoil(value[at]).map((bad) => value.with(at, bad))),
      fc.constant(Array.from({ length: 2_000 }, () => value[0] as unknown)),
    );
  }
  const entries = Object.entries(value);
  const unknownField = fc
    .tuple(fc.constantFrom(...foreignNames), odd)
    // built from entries, so that `__proto__` becomes a field of its own
    .map(([name, bad]) => Object.fromEntries([...entries, [name, bad]]));
  if (entries.length === 0) return fc.oneof(odd, unknownField);
  const at = fc.nat(entries.length - 1);
  return fc.oneof(
    { arbitrary: odd, weight: 1 },
    { arbitrary: unknownField, weight: 2 },
    { arbitrary: at.map((gone) => Object.fromEntries(entries.filter((_entry, place) => place !== gone))), weight: 2 },
    {
      arbitrary: at.chain((place) =>
        spoil(entries[place]?.[1]).map((bad) =>
          Object.fromEntries(entries.map(([name, field], other) => [name, other === place ? bad : field])),
        ),
      ),
      weight: 5,
    },
  );
};
