import { type Chain, chains, type DialectName, dialectNames, type Mode, modes } from './dialects.ts';
import { type ShapeName, shapeNames } from './shapes.ts';

/** One place of the matrix: a shape in which a provider fails, its dialect, how the reply is asked for, and the chain. */
export type Cell = { shape: ShapeName; dialect: DialectName; mode: Mode; chain: Chain };

/** All of them. */
export const cells: readonly Cell[] = shapeNames.flatMap((shape) =>
  dialectNames.flatMap((dialect) => modes.flatMap((mode) => chains.map((chain) => ({ shape, dialect, mode, chain })))),
);

/** A model of its own for each, so that none is spared by what another has met. */
export const modelOf = (cell: Cell): string => `${shapeNames.indexOf(cell.shape)}-${cell.mode}-${cell.chain}`;
export const shapeOfModel = (model: string): ShapeName => shapeNames[Number.parseInt(model, 10)]!;

/** Starts the work for all cells, at most `atOnce` at a time; each cell's result by the cell. */
export const runAll = <Result>(
  work: (cell: Cell) => Promise<Result>,
  atOnce: number,
): ReadonlyMap<Cell, Promise<Result>> => {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  const run = async (cell: Cell): Promise<Result> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work(cell);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
  return new Map(
    cells.map((cell) => {
      const result = run(cell);
      // it is waited for when its test comes
      result.catch(() => undefined);
      return [cell, result];
    }),
  );
};
