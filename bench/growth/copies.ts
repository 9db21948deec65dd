import { turnSeats } from '../../server/src/core/conversation/conversation.ts';
import type { Place } from './place.ts';

/** Conversations, or turns of one, that are copied in one transaction. */
const copiesAtOnce = 20_000;

/** An id of the usual form, of a number: its digits are all in the alphabet of ids. SQL of both databases. */
const idOf = (prefix: string, number: string): string =>
  `'${prefix}_' || substr('00000000000000000000000000' || cast(${number} as text), length(cast(${number} as text)) + 1, 26)`;

/** The id of the copy with this number; 1 is the first. */
export const copiedConversationId = (number: number): string => `conv_${String(number).padStart(26, '0')}`;

/** What of a table belongs to a conversation of one turn, and what is another in each copy, as SQL of `n`. */
type Copied = { table: string; where: string; changes: Record<string, string> };

const userId = `'copy-' || cast(n as text)`;

const conversationTables = (conversationId: string, turnId: string, user: string): Copied[] => [
  { table: 'users', where: `user_id = '${user}'`, changes: { user_id: userId, person_id: userId } },
  {
    table: 'conversations',
    where: `id = '${conversationId}'`,
    changes: { id: idOf('conv', 'n'), user_id: userId },
  },
  {
    table: 'current_conversations',
    where: `conversation_id = '${conversationId}'`,
    changes: { user_id: userId, conversation_id: idOf('conv', 'n') },
  },
  ...turnTables(turnId, 'n', { conversation_id: idOf('conv', 'n') }).map((copied) =>
    copied.table === 'turns' ? { ...copied, changes: { ...copied.changes, user_id: userId } } : copied,
  ),
];

/** `number`: SQL of `n` that gives each copy a number of its own among all that are made. */
const turnTables = (turnId: string, number: string, messageChanges: Record<string, string>): Copied[] => {
  const { conversation_id: conversationId, seq } = messageChanges;
  const belongs = `turn_id = '${turnId}'`;
  return [
    {
      table: 'turns',
      where: `id = '${turnId}'`,
      changes: {
        id: idOf('turn', number),
        ...(conversationId ? { conversation_id: conversationId } : {}),
        ...(seq ? { seq_base: seq.replace('seq', 'seq_base') } : {}),
      },
    },
    {
      table: 'messages',
      where: belongs,
      changes: {
        ...messageChanges,
        id: idOf('msg', `(2 * ${number} + case when role = 'user' then 0 else 1 end)`),
        turn_id: idOf('turn', number),
      },
    },
    { table: 'turn_records', where: belongs, changes: { turn_id: idOf('turn', number) } },
    { table: 'quota_ledger', where: belongs, changes: { id: idOf('led', number), turn_id: idOf('turn', number) } },
    {
      table: 'idempotency_keys',
      where: `subject_id = '${turnId}'`,
      changes: { key: `'copy-' || cast(${number} as text)`, subject_id: idOf('turn', number) },
    },
  ];
};

const copyRows = async (place: Place, copied: readonly Copied[], count: number): Promise<void> => {
  const statements: { (from: number, to: number): string }[] = [];
  for (const { table, where, changes } of copied) {
    const [row] = await place.run([`select * from ${table} where ${where} limit 1`]);
    if (!row) throw new Error(`${table} has no row to copy`);
    const columns = Object.keys(row);
    const values = columns.map((column) => changes[column] ?? column);
    statements.push(
      (from, to) => `insert into ${table} (${columns.join(', ')})
        with recursive series(n) as (select cast(${from} as bigint) union all select n + 1 from series where n < ${to})
        select ${values.join(', ')} from ${table} cross join series where ${where}`,
    );
  }
  for (let from = 1; from <= count; from += copiesAtOnce) {
    const to = Math.min(count, from + copiesAtOnce - 1);
    await place.run(statements.map((statement) => statement(from, to)));
  }
};

/** A conversation of one turn that the API has made, with everything that was stored with it, `count` times over. */
export const copyConversation = async (place: Place, turnId: string, count: number): Promise<void> => {
  const [turn] = await place.run([`select conversation_id, user_id from turns where id = '${turnId}'`]);
  const tables = conversationTables(String(turn?.['conversation_id']), turnId, String(turn?.['user_id']));
  await copyRows(place, tables, count);
};

/** Numbers that copies of conversations do not reach. */
const firstTurnNumber = 1_000_000_000;

/** A turn of a conversation, `count` times over in that conversation, behind it; `nth` tells such conversations apart. */
export const copyTurn = async (place: Place, turnId: string, { count, nth }: { count: number; nth: number }) => {
  const number = `(${firstTurnNumber * (nth + 1)} + n)`;
  await copyRows(place, turnTables(turnId, number, { seq: `seq + ${turnSeats} * n` }), count);
  const next = `update conversations set next_seq = next_seq + ${turnSeats * count}
    where id = (select conversation_id from turns where id = '${turnId}')`;
  await place.run([next]);
};
