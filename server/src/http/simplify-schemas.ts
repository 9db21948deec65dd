/**
 * A copy of a JSON schema, or of a document of them, without what is true and helps nobody: the bounds of what a double
 * holds, which are no limits of ours, and the pattern that a format says already. Generators of clients make rules of both.
 * Requests are validated by the schemas themselves, as before.
 */
export const simplifySchemas = <Value>(value: Value): Value => {
  if (Array.isArray(value)) return value.map((item: unknown) => simplifySchemas(item)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([name, member]) => !isNoise(name, member, value))
    .map(([name, member]) => [name, simplifySchemas(member as unknown)]);
  return Object.fromEntries(members) as Value;
};

const formats = new Set(['date-time', 'date', 'email', 'uri']);

const isNoise = (name: string, member: unknown, schema: object): boolean => {
  if (name === 'maximum') return member === Number.MAX_SAFE_INTEGER;
  if (name === 'minimum') return member === Number.MIN_SAFE_INTEGER;
  return name === 'pattern' && 'format' in schema && formats.has(String(schema.format));
};
