import type { Json } from '../json.ts';
import type { Turn, TurnWithReply } from './turn.ts';
import { TurnLog } from './turn-log.ts';
import { textOf } from '../conversation/conversation.ts';

/**
 * A finished log as it is stored, without a row or a copy of the text for each delta: the attempt, then one entry an
 * event in order. A number is a delta that ends at this offset of the reply's text (in UTF-16 units); `q` and `s` stand
 * for queued and started; a tool's event is its type and data. The terminal event is the turn itself.
 */
type Entry = number | 'q' | 's' | ['tool_started' | 'tool_completed', Json];

export const packTurnLog = (log: TurnLog): string => {
  const entries: Entry[] = [];
  let offset = 0;
  for (const event of log.events) {
    if (event.type === 'queued') entries.push('q');
    else if (event.type === 'started') entries.push('s');
    else if (event.type === 'delta') entries.push((offset += event.text.length));
    else if (event.type !== 'ended' && event.type !== 'untold') entries.push([event.type, event.data]);
  }
  return JSON.stringify([log.attempt, ...entries]);
};

/** The packed log of a turn that ended as if its text had come in one piece. */
export const briefLog = ({ turn, reply }: TurnWithReply): string => {
  const length = reply ? textOf(reply).length : 0;
  return JSON.stringify([...openingOf(turn), ...(length > 0 ? [length] : [])]);
};

/**
 * The packed log of a turn that ended without a reply, and to which a person gave one in one piece. `packed` is null where
 * the log is no longer kept: a person may take longer, and whoever stayed has its events under their numbers.
 */
export const withLateReply = (packed: string | null, { turn, text }: { turn: Opened; text: string }): string => {
  const entries = packed === null ? openingOf(turn) : (JSON.parse(packed) as [number, ...Entry[]]);
  return JSON.stringify([...entries, text.length]);
};

type Opened = Pick<Turn, 'attempt' | 'fence' | 'startedAt'>;

/**
 * What a log begins with, told by the turn itself. The fence begins with 1 and grows by one where a waiting turn is
 * started; else only with the attempt, whose log has nothing of the waiting.
 */
const openingOf = ({ attempt, fence, startedAt }: Opened): [number, ...Entry[]] => {
  const waited = attempt === 1 && fence > 1;
  return [attempt, ...(waited ? (['q'] as const) : []), ...(startedAt === null ? [] : (['s'] as const))];
};

/** Rebuilds the events as they were sent, from the stored form and the turn with its reply. */
export const unpackTurnLog = (packed: string, result: TurnWithReply): TurnLog => {
  const log = unpackEvents(packed, result);
  log.append({ type: 'ended', result });
  return log;
};

/** As `unpackTurnLog`, for a turn to which a person may still give a reply. */
export const reopenTurnLog = (packed: string, result: TurnWithReply): TurnLog => {
  const log = unpackEvents(packed, result);
  log.hold(result);
  return log;
};

const unpackEvents = (packed: string, { turn, reply }: TurnWithReply): TurnLog =>
  unpack(packed, { turnId: turn.id, text: reply ? textOf(reply) : '', ended: true });

/** The events of a turn that goes on, as far as both its packed log and its text were stored. */
export const unpackOpenLog = (packed: string, turn: { turnId: string; text: string }): TurnLog =>
  unpack(packed, { ...turn, ended: false });

const unpack = (packed: string, { turnId, text, ended }: { turnId: string; text: string; ended: boolean }): TurnLog => {
  const [attempt, ...entries] = JSON.parse(packed) as [number, ...Entry[]];
  const log = new TurnLog(turnId, attempt);
  let offset = 0;
  for (const entry of entries) {
    if (typeof entry === 'number') {
      if (entry <= text.length) {
        log.append({ type: 'delta', text: text.slice(offset, entry) });
        offset = entry;
      } else if (ended) {
        // the database did not take the reply, or it was removed since: what follows has the number that it had
        log.append({ type: 'untold' });
      } else break;
    } else if (entry === 'q' || entry === 's') {
      log.append({ type: entry === 'q' ? 'queued' : 'started' });
    } else {
      log.append({ type: entry[0], data: entry[1] });
    }
  }
  return log;
};
