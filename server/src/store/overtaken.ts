/**
 * Thrown to undo a transaction because others have written meanwhile what it had not found: the same work finds it there the
 * next time. `code` is PostgreSQL's own for that (serialization_failure), which runs the work again. SQLite has one writer, so
 * that nobody is overtaken there.
 */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
  readonly code = '40001';
}
