import { median, quantile } from '../quantile.ts';
import type { Comparison } from './compare.ts';
import type { DeleteTimes } from './delete-under-load.ts';
import type { StartUp } from './start-ups.ts';

const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

const head = (cells: readonly string[]): void => {
  console.log('');
  row(cells);
  row(cells.map(() => '---'));
};

export const printStartUps = (startUps: Record<string, readonly StartUp[]>): void => {
  head(['data directory', 'start to the first healthy answer, ms', 'memory at rest (RSS), MB']);
  for (const [name, measured] of Object.entries(startUps)) {
    const startUpMs = median(measured.map((startUp) => startUp.startUpMs));
    row([name, startUpMs.toFixed(0), median(measured.map((startUp) => startUp.residentMb)).toFixed(0)]);
  }
};

/** Gives the largest ratio. */
export const printComparisons = (
  comparisons: readonly Comparison[],
  sizes: { small: number; large: number },
): number => {
  head(['median, ms', `of ${sizes.small}`, `of ${sizes.large}`, 'ratio']);
  const ratios = comparisons.map(({ name, small, large }) => {
    const ratio = median(large) / median(small);
    row([name, median(small).toFixed(2), median(large).toFixed(2), ratio.toFixed(2)]);
    return ratio;
  });
  return Math.max(...ratios);
};

export const printDeletion = ({ purgeMs, ...spans }: DeleteTimes): void => {
  head([`turns while the large conversation is deleted (${(purgeMs / 1000).toFixed(1)} s)`, 'n', 'p50, ms', 'p99, ms']);
  for (const [name, times] of Object.entries(spans)) {
    row([name, times.length, quantile(times, 0.5).toFixed(2), quantile(times, 0.99).toFixed(2)]);
  }
};

export const printMemory = (steps: readonly { name: string; residentMb: number }[]): void => {
  head(['memory (RSS) of one server', 'MB']);
  for (const { name, residentMb } of steps) row([name, residentMb.toFixed(0)]);
};
