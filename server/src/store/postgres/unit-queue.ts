import { ParleyError } from '../../core/error.ts';
import { Gate } from './gate.ts';
import { isOfOneUnit, LostRace } from './lost-race.ts';

/** What a statement says of one of its units; null where it wrote nothing for it and leaves it to a transaction. */
export type Settled<Result> = { result: Result } | { error: ParleyError } | null;

/** Units that share a statement: bounds what one failing unit undoes, and how long its rows are held. */
const maxTogether = 64;
/**
 * Statements at once for one workspace. Its counter is one row, at which a second would wait with all that it holds; what
 * comes meanwhile shares the next one instead.
 */
const maxRunning = 1;
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

export type UnitKind<Input, Result> = {
  workspaceOf: (input: Input) => string;
  /** What two units of one statement must not share: a conversation, a key. Units that share one run in their order. */
  keysOf: (input: Input) => readonly string[];
  /** Runs units of one workspace in one statement, which writes a unit whole or not at all. */
  together: (inputs: readonly Input[]) => Promise<Settled<Result>[]>;
  /** Runs a unit of any kind in one transaction; throws `LostRace` to be run again. */
  alone: (input: Input) => Promise<Result>;
};

type Unit<Input, Result> = {
  input: Input;
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
  statements: number;
  scheduled: boolean;
  /** Units that wait or run. */
  units: number;
};

/**
 * Units that arrive in one tick, or while others of their workspace are under way, share one statement: one round trip, one
 * lock on the workspace's counter, one sync of the log. A failing unit fails no neighbour: where a statement is undone, its
 * units run again each for itself.
 */
export class UnitQueue<Input, Result> {
  readonly #kind: UnitKind<Input, Result>;
  readonly #lines = new Map<string, Line<Input, Result>>();
  readonly #gate = new Gate(alone);
  /** Those that wait or run, of all workspaces. */
  #units = 0;

  constructor(kind: UnitKind<Input, Result>) {
    this.#kind = kind;
  }

  /** Throws overloaded where too many are under way, in all or of this workspace. */
  run(input: Input): Promise<Result> {
    const line = this.#lineOf(this.#kind.workspaceOf(input));
    if (this.#units >= maxUnits || line.units >= maxUnitsOfOne) {
      if (line.units === 0) this.#lines.delete(line.workspaceId);
      return Promise.reject(new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 }));
    }
    return new Promise<Result>((resolve, reject) => {
      this.#units += 1;
      line.units += 1;
      line.waiting.push({ input, keys: this.#kind.keysOf(input), resolve, reject });
      this.#schedule(line);
    });
  }

  #lineOf(workspaceId: string): Line<Input, Result> {
    let line = this.#lines.get(workspaceId);
    if (!line) {
      line = { workspaceId, waiting: [], keys: new Set(), statements: 0, scheduled: false, units: 0 };
      this.#lines.set(workspaceId, line);
    }
    return line;
  }

  #schedule(line: Line<Input, Result>): void {
    if (line.scheduled || line.statements >= maxRunning) return;
    line.scheduled = true;
    // behind the I/O of this tick, so that all requests read in it share the statement
    setImmediate(() => {
      line.scheduled = false;
      const units = this.#take(line);
      if (units.length > 0) void this.#runTogether(line, units);
      else if (line.units === 0) this.#lines.delete(line.workspaceId);
    });
  }

  /** The next units that share no key with each other, with one that runs, or with one that must go before them. */
  #take(line: Line<Input, Result>): Unit<Input, Result>[] {
    const taken: Unit<Input, Result>[] = [];
    const left: Unit<Input, Result>[] = [];
    const blocked = new Set<string>();
    for (const unit of line.waiting) {
      const mayRun = taken.length < maxTogether && !unit.keys.some((key) => line.keys.has(key) || blocked.has(key));
      (mayRun ? taken : left).push(unit);
      for (const key of unit.keys) (mayRun ? line.keys : blocked).add(key);
    }
    line.waiting = left;
    return taken;
  }

  async #runTogether(line: Line<Input, Result>, units: readonly Unit<Input, Result>[]): Promise<void> {
    line.statements += 1;
    const left = await this.#settle(line, units);
    line.statements -= 1;
    for (const unit of left) void this.#runAlone(line, unit);
    this.#schedule(line);
  }

  /** Gives the units that need a transaction. */
  async #settle(
    line: Line<Input, Result>,
    units: readonly Unit<Input, Result>[],
  ): Promise<readonly Unit<Input, Result>[]> {
    try {
      const outcomes = await this.#kind.together(units.map(({ input }) => input));
      return units.filter((unit, index) => {
        const outcome = outcomes[index];
        if (!outcome) return true;
        this.#release(line, unit);
        if ('error' in outcome) unit.reject(outcome.error);
        else unit.resolve(outcome.result);
        return false;
      });
    } catch (error) {
      if (isOfOneUnit(error)) return units.length === 1 ? units : await this.#settleEach(line, units);
      // the database itself: another try would meet the same, or do twice what was done
      for (const unit of units) {
        this.#release(line, unit);
        unit.reject(error);
      }
      return [];
    }
  }

  async #settleEach(
    line: Line<Input, Result>,
    units: readonly Unit<Input, Result>[],
  ): Promise<readonly Unit<Input, Result>[]> {
    const left: Unit<Input, Result>[] = [];
    for (const unit of units) left.push(...(await this.#settle(line, [unit])));
    return left;
  }

  async #runAlone(line: Line<Input, Result>, unit: Unit<Input, Result>): Promise<void> {
    try {
      unit.resolve(await this.#gate.run(line.workspaceId, () => this.#untilNotOvertaken(unit.input)));
    } catch (error) {
      unit.reject(error);
    } finally {
      this.#release(line, unit);
      this.#schedule(line);
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
