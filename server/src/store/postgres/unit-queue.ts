import { ParleyError } from '../../core/error.ts';
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
/** The same for one workspace, which leaves some to others. */
const maxUnitsOfOne = 8_000;
/** How often a transaction may be overtaken. Each time another one got on. */
const maxRaces = 20;

/**
 * Where a unit stands in the order in which a statement goes through its workspaces: they are locked one after the other,
 * and all statements keep to one order. `root`: the workspace whose counter comes first; units of different `era`s do
 * not share a statement.
 */
export type StatementPlace = { era: number; root: string };

export type UnitKind<Input, Result> = {
  workspaceOf: (input: Input) => string;
  /** Null for a unit that others' counters do not put in an order: it shares a statement with its own workspace alone. */
  placeOf: (input: Input) => StatementPlace | null;
  /** What two units of one statement must not share: a conversation, a key. Units that share one run in their order. */
  keysOf: (input: Input) => readonly string[];
  /** Runs units in one statement, those of a workspace in a group, which writes a unit whole or not at all. */
  together: (groups: readonly (readonly Input[])[]) => Promise<Settled<Result>[][]>;
  /** Runs a unit of any kind in one transaction; throws `LostRace` to be run again. */
  alone: (input: Input) => Promise<Result>;
};

type Unit<Input, Result> = {
  input: Input;
  place: StatementPlace | null;
  keys: readonly string[];
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/** The units of one workspace. */
type Line<Input, Result> = {
  workspaceId: string;
  waiting: Unit<Input, Result>[];
  /** Of units that run. */
  keys: Set<string>;
  /**
   * True while a statement has some of its units. Its counter is one row, at which a second statement would wait with all
   * that it holds; what comes meanwhile shares the next one instead.
   */
  isRunning: boolean;
  /** True where its last statement was given up, mostly for a lock: until one gets through, it holds up nobody else. */
  isApart: boolean;
  /** Units that wait or run. */
  units: number;
};

/** What became of a unit in a statement; null where it is left to a transaction. */
type Outcome<Result> = { result: Result } | { error: unknown } | null;

/** The units of a line that share a statement with each other, and perhaps with those of other lines. */
type Group<Input, Result> = { line: Line<Input, Result>; units: readonly Unit<Input, Result>[] };

/**
 * Units that arrive in one tick, or while others are under way, share one statement: one round trip, one sync of the log,
 * and one lock on each workspace's counter. A failing unit fails no neighbour: where a statement is undone, its workspaces
 * run again each for itself, and then their units.
 */
export class UnitQueue<Input, Result> {
  readonly #kind: UnitKind<Input, Result>;
  readonly #lines = new Map<string, Line<Input, Result>>();
  /** Lines with units that no statement has; whose turn it is comes first. */
  readonly #ready = new Set<Line<Input, Result>>();
  readonly #gate = new Gate(
    alone,
    () => new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 }),
  );
  /** Units that wait or run, of all workspaces. */
  #units = 0;
  /** Units that no statement has yet. */
  #waiting = 0;
  #statements = 0;
  #isScheduled = false;

  constructor(kind: UnitKind<Input, Result>) {
    this.#kind = kind;
  }

  /** Throws overloaded where too many are under way, in all or of this workspace. */
  run(input: Input): Promise<Result> {
    const line = this.#lineOf(this.#kind.workspaceOf(input));
    if (this.#units >= maxUnits || line.units >= maxUnitsOfOne) {
      this.#dropIdle(line);
      return Promise.reject(new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 }));
    }
    return new Promise<Result>((resolve, reject) => {
      this.#units += 1;
      this.#waiting += 1;
      line.units += 1;
      line.waiting.push({
        input,
        place: this.#kind.placeOf(input),
        keys: this.#kind.keysOf(input),
        resolve,
        reject,
      });
      this.#offer(line);
    });
  }

  #lineOf(workspaceId: string): Line<Input, Result> {
    let line = this.#lines.get(workspaceId);
    if (!line) {
      line = { workspaceId, waiting: [], keys: new Set(), isRunning: false, isApart: false, units: 0 };
      this.#lines.set(workspaceId, line);
    }
    return line;
  }

  #dropIdle(line: Line<Input, Result>): void {
    if (line.units === 0 && !line.isApart) this.#lines.delete(line.workspaceId);
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
    for (const line of this.#ready) if (eraOf(line) === null) this.#beginApart(line);
    while (this.#ready.size > 0 && this.#mayBegin()) {
      const groups = this.#gather();
      if (groups.length === 0) return;
      this.#statements += 1;
      void this.#run(groups).finally(() => {
        this.#statements -= 1;
        this.#schedule();
      });
    }
  }

  #mayBegin(): boolean {
    const { always, most, crowd } = statements;
    return this.#statements < always || (this.#statements < most && this.#waiting >= crowd);
  }

  #beginApart(line: Line<Input, Result>): void {
    const units = this.#take(line, maxTogether);
    if (units.length > 0) void this.#run([{ line, units }]);
  }

  /** What the next statement runs, in the order in which all statements go through workspaces. */
  #gather(): Group<Input, Result>[] {
    const groups: Group<Input, Result>[] = [];
    let room = maxTogether;
    let era: number | null = null;
    for (const line of this.#ready) {
      if (room === 0) break;
      const own = eraOf(line);
      if (groups.length > 0 && own !== era) continue;
      const units = this.#take(line, room);
      if (units.length === 0) continue;
      groups.push({ line, units });
      room -= units.length;
      era = own;
    }
    return groups.toSorted(byPlace);
  }

  /** The next units that share no key with each other, with one that runs, or with one that must go before them. */
  #take(line: Line<Input, Result>, room: number): Unit<Input, Result>[] {
    const taken: Unit<Input, Result>[] = [];
    const left: Unit<Input, Result>[] = [];
    const blocked = new Set<string>();
    for (const unit of line.waiting) {
      const mayRun = taken.length < room && !unit.keys.some((key) => line.keys.has(key) || blocked.has(key));
      (mayRun ? taken : left).push(unit);
      for (const key of unit.keys) (mayRun ? line.keys : blocked).add(key);
    }
    // what is left waits for those that run: each offers its line when it has ended
    this.#ready.delete(line);
    line.waiting = left;
    line.isRunning = taken.length > 0;
    this.#waiting -= taken.length;
    return taken;
  }

  /** Runs a statement to its end, and what has to follow it. */
  async #run(groups: readonly Group<Input, Result>[]): Promise<void> {
    try {
      const outcomes = await this.#kind.together(groups.map(({ units }) => units.map(({ input }) => input)));
      for (const [at, group] of groups.entries()) {
        group.line.isApart = false;
        this.#conclude(group, outcomes[at] ?? []);
      }
    } catch (error) {
      await this.#mend(groups, error);
    }
  }

  /** What was undone for the sake of one unit runs again: each workspace for itself, and of one workspace each unit. */
  async #mend(groups: readonly Group<Input, Result>[], error: unknown): Promise<void> {
    const isOfUnit = isOfOneUnit(error);
    const [first] = groups;
    if (groups.length > 1 && (isOfUnit || isUndone(error))) {
      // side by side, so that one that waits holds up none of the others
      for (const group of groups) void this.#run([group]);
    } else if (first && isOfUnit && first.units.length > 1) {
      await this.#runEach(first);
    } else if (first && isOfUnit) {
      this.#conclude(first, []);
    } else {
      // the database itself: another try would meet the same, or do twice what was done
      for (const group of groups) {
        group.line.isApart = isUndone(error);
        this.#conclude(
          group,
          group.units.map(() => ({ error })),
        );
      }
    }
  }

  async #runEach({ line, units }: Group<Input, Result>): Promise<void> {
    const outcomes: Outcome<Result>[] = [];
    for (const { input } of units) outcomes.push(await this.#tryOne(input));
    this.#conclude({ line, units }, outcomes);
  }

  async #tryOne(input: Input): Promise<Outcome<Result>> {
    try {
      return (await this.#kind.together([[input]]))[0]?.[0] ?? null;
    } catch (error) {
      return isOfOneUnit(error) ? null : { error };
    }
  }

  /** Answers the units of a line, those without an outcome by a transaction of their own, and lets the line go on. */
  #conclude({ line, units }: Group<Input, Result>, outcomes: readonly Outcome<Result>[]): void {
    for (const [at, unit] of units.entries()) {
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
      unit.resolve(await this.#gate.run(line.workspaceId, () => this.#untilNotOvertaken(unit.input)));
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

/** Of all that wait in the line; null where they keep to themselves. */
const eraOf = ({ waiting, isApart }: Line<unknown, never>): number | null => {
  const era = waiting[0]?.place?.era ?? null;
  return isApart || !waiting.every(({ place }) => place?.era === era) ? null : era;
};

const byPlace = (one: Group<unknown, never>, other: Group<unknown, never>): number => {
  const [oneKey, otherKey] = [one, other].map((group) => `${rootOf(group)} ${group.line.workspaceId}`);
  return oneKey! < otherKey! ? -1 : 1;
};

/** Some units of a workspace may have been accepted before it counted on another's quota: that one is locked first. */
const rootOf = ({ line, units }: Group<unknown, never>): string =>
  units.find(({ place }) => place && place.root !== line.workspaceId)?.place?.root ?? line.workspaceId;
