import type { ExpressionBuilder, OrderByDirection, ReferenceExpression, SelectQueryBuilder } from 'kysely';
import type { Page, PageRequest } from '../core/page.ts';

/**
 * One page, newest first, of a query whose rows sort by `column`. One row more than asked for is read, to know whether
 * there are more. `before` walks towards newer rows, so it reads upwards and turns the rows round.
 */
export const readPage = async <Database, Table extends keyof Database, Row>(
  query: SelectQueryBuilder<Database, Table, Row>,
  column: ReferenceExpression<Database, Table>,
  page: PageRequest<string | number>,
): Promise<Page<Row>> => {
  const upwards = page.before !== null;
  const cursor = page.before ?? page.after;
  const direction: OrderByDirection = upwards ? 'asc' : 'desc';
  const from =
    cursor === null
      ? query
      : query.where((where: ExpressionBuilder<Database, Table>) => where(column, upwards ? '>' : '<', cursor as never));
  const rows = await from
    .orderBy(column as never, direction)
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit);
  return { items: upwards ? items.toReversed() : items, hasMore: rows.length > page.limit };
};
