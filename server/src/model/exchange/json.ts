/** Looks at parsed JSON of unknown shape: each returns null where the value is something else. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export const asRecord = (value: unknown): JsonRecord | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null;

export const asList = (value: unknown): readonly unknown[] | null => (Array.isArray(value) ? value : null);

export const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
