import { ParleyError } from '../../core/error.ts';
import { BoundedCache } from '../../kit/bounded-cache.ts';
import { Gate } from '../../kit/gate.ts';
import { isUndone } from './failure.ts';
import { isOfOneUnit, LostRace } from './lost-race.ts';

/** What a statement says of one of its units; null where it wrote nothing for it and leaves it to a transaction. */
export type Settled<Result> = { result: Result } | { error: ParleyError } | null;

/** Units that share a statement: bounds what one failing unit undoes, and how long its rows are held. */
const maxTogether = 64;
/**
 * Statements at once, beside those of workspaces that keep apart. More units share one the fewer there are; a second
 * keeps those who come a moment later from waiting for a whole one, and others begin where many wait.
 */
const statements = { always: 2, most: 6, crowd: 16 };
/**
 * Transactions: they hold a connection for many round trips, which must not be all there are, and may wait for a lock as
 * long as a statement may. One workspace takes half of the places, and not much more would serve it, since its counter lets
 * its transactions pass one behind the other. Those that wait are some seconds of work, past which callers have left.
 */
const alone = { places: 4, placesOfOne: 2, waiting: 2_000, waitingOfOne: 1_000 };
/** Units that wait or run. Past it the server has more to do than it can, and says so instead of growing. */
const maxUnits = 10_000;
/** The same for one line, which leaves some to others. */
const maxUnitsOfLine = 8_000;
/** A line whose statement was given up, mostly for a lock, holds up nobody else for so long, or until one gets through. */
const apart = { ttlMs: 60_000, maxEntries: 1_000 };
/** How often a transaction may be overtaken. Each time another one got on. */
const maxRaces = 20;

/**
 * Where a unit stands in the order of locks. `root`: the workspace whose counter comes first, an agency's where one is above
 * its own. Units of different `era`s do not share a statement.
 */
export type StatementPlace = { era: number; root: string };

export type UnitKind<Input, Result> = {
  workspaceOf: (input: Input) => string;
  /** Null for a unit that counts in nothing, which gives it no place in the order: it keeps to its own workspace. */
  placeOf: (input: Input) => StatementPlace | null;
  /** What two units of one statement must not share: a conversation, a key. Units that share one run in their order. */
  keysOf: (input: Input) => readonly string[];
  /** Runs units in one statement, those of a workspace in a group, which writes a unit whole or not at all. */
  together: (groups: readonly (readonly Input[])[]) => Promise<Settled<Result>[][]>;
  /** Runs a unit of any kind in one transaction; throws `LostRace` to be run again. */
  alone: (input: Input) => Promise<Result>;
};

type Unit<Input, Result> = {
  workspaceId: string;
  input: Input;
  place: StatementPlace | null;
  keys: readonly string[];
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/**
 * The units that lock one counter first: those of a workspace, or of an agency and its clients; and apart from them those
 * of a workspace that lock none.
 */
type Line<Input, Result> = {
  name: string;
  isCounted: boolean;
  waiting: Unit<Input, Result>[];
  /** Of units that run. */
  keys: Set<string>;
  /**
   * True while a statement has some of its units. The counter is one row, at which a second statement would wait with all
   * that it holds; what comes meanwhile shares the next one instead.
   */
  isRunning: boolean;
  /** Units that wait or run. */
  units: number;
};

/** What a statement has of one line, by workspaces. */
type Part<Input, Result> = { line: Line<Input, Result>; groups: readonly (readonly Unit<Input, Result>[])[] };

/** What became of a unit in a statement; null where it is left to a transaction. */
type Outcome<Result> = { result: Result } | { error: unknown } | null;

/**
 * Units that arrive in one tick, or while others are under way, share one statement: one round trip, one sync of the log,
 * and one lock on each counter. A failing unit fails no neighbour: where a statement is undone, its lines run again each
 * for itself, then the workspaces of one, and then their units.
 */
export class UnitQueue<Input, Result> {
  readonly #kind: UnitKind<Input, Result>;
  readonly #lines = new Map<string, Line<Input, Result>>();
  /** Lines with units that no statement has; whose turn it is comes first. */
  readonly #ready = new Set<Line<Input, Result>>();
  /** Names of the lines that keep apart. */
  readonly #apart = new BoundedCache<string, true>(apart);
  readonly #gate = new Gate(
    alone,
    () => new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 }),
  );
  /** Units that wait or run, of all lines. */
  #units = 0;
  /** Units that no statement has yet. */
  #waiting = 0;
  #statements = 0;
  #isScheduled = false;

  constructor(kind: UnitKind<Input, Result>) {
    this.#kind = kind;
  }

  /** Throws overloaded where too many are under way, in all or of this line. */
  run(input: Input): Promise<Result> {
    const place = this.#kind.placeOf(input);
    const workspaceId = this.#kind.workspaceOf(input);
    const line = this.#lineOf(workspaceId, place);
    if (this.#units >= maxUnits || line.units >= maxUnitsOfLine) {
      this.#dropIdle(line);
      return Promise.reject(new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 }));
    }
    return new Promise<Result>((resolve, reject) => {
      this.#units += 1;
      this.#waiting += 1;
      line.units += 1;
      line.waiting.push({ workspaceId, input, place, keys: this.#kind.keysOf(input), resolve, reject });
      this.#offer(line);
    });
  }

  #lineOf(workspaceId: string, place: StatementPlace | null): Line<Input, Result> {
    const name = place ? place.root : `uncounted ${workspaceId}`;
    let line = this.#lines.get(name);
    if (!line) {
      line = { name, isCounted: place !== null, waiting: [], keys: new Set(), isRunning: false, units: 0 };
      this.#lines.set(name, line);
    }
    return line;
  }

  #dropIdle(line: Line<Input, Result>): void {
    if (line.units === 0) this.#lines.delete(line.name);
  }

  /** To be called whenever a line may have units for a statement. */
  #offer(line: Line<Input, Result>): void {
    if (line.waiting.length > 0 && !line.isRunning) this.#ready.add(line);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#ready.size === 0) return;
    this.#isScheduled = true;
    // behind the I/O of this tick, so that all requests read in it share the statement
    setImmediate(() => {
      this.#isScheduled = false;
      this.#begin();
    });
  }

  #begin(): void {
    for (const line of this.#ready) {
      if (line.isCounted && !this.#apart.get(line.name)) continue;
      const part = this.#take(line, maxTogether);
      if (part) void this.#run([part]);
    }
    while (this.#ready.size > 0 && this.#mayBegin()) {
      const parts = this.#gather();
      if (parts.length === 0) return;
      this.#statements += 1;
      void this.#run(parts).finally(() => {
        this.#statements -= 1;
        this.#schedule();
      });
    }
  }

  #mayBegin(): boolean {
    const { always, most, crowd } = statements;
    return this.#statements < always || (this.#statements < most && this.#waiting >= crowd);
  }

  /** What the next statement runs, in the order in which all statements go through counters. */
  #gather(): Part<Input, Result>[] {
    const parts: Part<Input, Result>[] = [];
    let room = maxTogether;
    let era: number | undefined;
    for (const line of this.#ready) {
      if (room === 0) break;
      const part = this.#take(line, room, era);
      if (!part) continue;
      parts.push(part);
      room -= part.groups.reduce((sum, group) => sum + group.length, 0);
      era ??= part.groups[0]?.[0]?.place?.era;
    }
    return parts.toSorted((one, other) => (one.line.name < other.line.name ? -1 : 1));
  }

  /**
   * The next units of one era that share no key with each other, with one that runs, or with one that must go before them;
   * null where there are none.
   */
  #take(line: Line<Input, Result>, room: number, era = line.waiting[0]?.place?.era): Part<Input, Result> | null {
    const taken: Unit<Input, Result>[] = [];
    const left: Unit<Input, Result>[] = [];
    const blocked = new Set<string>();
    for (const unit of line.waiting) {
      const mayRun =
        taken.length < room &&
        unit.place?.era === era &&
        !unit.keys.some((key) => line.keys.has(key) || blocked.has(key));
      (mayRun ? taken : left).push(unit);
      for (const key of unit.keys) (mayRun ? line.keys : blocked).add(key);
    }
    // what a unit that runs is in the way of is offered again when that has ended; what is of another era waits here
    if (taken.length > 0 || line.keys.size > 0) this.#ready.delete(line);
    if (taken.length === 0) return null;
    line.waiting = left;
    line.isRunning = true;
    this.#waiting -= taken.length;
    const groups = Map.groupBy(taken, ({ workspaceId }) => workspaceId);
    return { line, groups: [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, units]) => units) };
  }

  /** Runs a statement to its end, and what has to follow it. */
  async #run(parts: readonly Part<Input, Result>[]): Promise<void> {
    const groups = parts.flatMap((part) => part.groups);
    try {
      const outcomes = await this.#kind.together(groups.map(inputsOf));
      let at = 0;
      for (const part of parts) this.#conclude(part, outcomes.slice(at, (at += part.groups.length)).flat());
    } catch (error) {
      await this.#mend(parts, error);
    }
  }

  /** What was undone for the sake of one unit runs again: each line for itself, and what of one is at fault by parts. */
  async #mend(parts: readonly Part<Input, Result>[], error: unknown): Promise<void> {
    if (parts.length > 1 && (isOfOneUnit(error) || isUndone(error))) {
      // side by side, so that one that waits holds up none of the others
      for (const part of parts) void this.#run([part]);
      return;
    }
    for (const part of parts) {
      if (isOfOneUnit(error)) {
        this.#conclude(part, await this.#runEach(part.groups));
        continue;
      }
      if (isUndone(error)) this.#apart.set(part.line.name, true);
      // the database itself: another try would meet the same, or do twice what was done
      this.#conclude(
        part,
        part.groups.flat().map(() => ({ error })),
      );
    }
  }

  /** Of several groups each, of one its units; a single unit that is at fault is left to a transaction. */
  async #runEach(groups: Part<Input, Result>['groups']): Promise<Outcome<Result>[]> {
    const [first = []] = groups;
    if (groups.length === 1 && first.length === 1) return [null];
    const smaller = groups.length > 1 ? groups : first.map((unit) => [unit]);
    const outcomes: Outcome<Result>[] = [];
    for (const group of smaller) {
      try {
        outcomes.push(...(await this.#kind.together([inputsOf(group)])).flat());
      } catch (error) {
        outcomes.push(...(isOfOneUnit(error) ? await this.#runEach([group]) : group.map(() => ({ error }))));
      }
    }
    return outcomes;
  }

  /** Answers the units of a line, those without an outcome by a transaction of their own, and lets the line go on. */
  #conclude({ line, groups }: Part<Input, Result>, outcomes: readonly Outcome<Result>[]): void {
    if (outcomes.some((outcome) => !outcome || 'result' in outcome)) this.#apart.delete(line.name);
    for (const [at, unit] of groups.flat().entries()) {
      const outcome = outcomes[at];
      if (!outcome) {
        void this.#runAlone(line, unit);
        continue;
      }
      this.#release(line, unit);
      if ('error' in outcome) unit.reject(outcome.error);
      else unit.resolve(outcome.result);
    }
    line.isRunning = false;
    this.#offer(line);
    this.#dropIdle(line);
  }

  async #runAlone(line: Line<Input, Result>, unit: Unit<Input, Result>): Promise<void> {
    try {
      unit.resolve(await this.#gate.run(unit.workspaceId, () => this.#untilNotOvertaken(unit.input)));
    } catch (error) {
      unit.reject(error);
    } finally {
      this.#release(line, unit);
      this.#offer(line);
      this.#dropIdle(line);
    }
  }

  /** It has ended: those of its keys may go on, and others may come. */
  #release(line: Line<Input, Result>, unit: Unit<Input, Result>): void {
    for (const key of unit.keys) line.keys.delete(key);
    line.units -= 1;
    this.#units -= 1;
  }

  async #untilNotOvertaken(input: Input): Promise<Result> {
    for (let races = 1; ; races++) {
      try {
        return await this.#kind.alone(input);
      } catch (error) {
        if (!(error instanceof LostRace)) throw error;
        if (races >= maxRaces) {
          throw new ParleyError('overloaded', 'Others change the same things right now; nothing was changed.', {
            cause: error,
            retryAfterSeconds: 1,
          });
        }
      }
    }
  }
}

const inputsOf = <Input>(group: readonly Unit<Input, never>[]): Input[] => group.map(({ input }) => input);
