import type { CompiledQuery } from 'kysely';

/** A read that is compiled once and run again and again: PostgreSQL prepares it once a connection, under its name. */
export type NamedQuery<Row = unknown> = CompiledQuery<Row> & { readonly preparedAs: string };

/** `name`: of this text alone, among all that are given names here. */
export const namedQuery = <Row>(name: string, query: CompiledQuery<Row>): NamedQuery<Row> => ({
  ...query,
  preparedAs: `read.${name}`,
});

/** Null for a query that is planned each time. */
export const preparedNameOf = (query: CompiledQuery): string | null =>
  (query as Partial<NamedQuery>).preparedAs ?? null;
