import { median } from '../quantile.ts';
import type { Figures } from './measure.ts';

/** The rounds of every subject in one mode at one number of callers. */
export type Result = { mode: string; level: number; byName: Map<string, Figures[]> };

const mediansOf = (rounds: readonly Figures[]) => ({
  rate: median(rounds.map((figures) => figures.rate)),
  cpu: median(rounds.map((figures) => figures.srvCpuUs ?? NaN)),
  ttft: median(rounds.map((figures) => figures.ttft50)),
});

const baseline = 'raw proxy';

/** Medians over the rounds, and the ratios to the raw proxy: the share of its turns, and the multiple of its CPU. */
export const printTable = (results: readonly Result[]): void => {
  console.log(
    '| mode | callers | what | turns/s | of the raw proxy | CPU a turn, µs | of the raw proxy | first token, ms |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const { mode, level, byName } of results) {
    const base = mediansOf(byName.get(baseline) ?? []);
    for (const [name, rounds] of byName) {
      const { rate, cpu, ttft } = mediansOf(rounds);
      const cells = [mode, level, name, rate.toFixed(0), ratio(rate, base.rate), number(cpu), ratio(cpu, base.cpu)];
      console.log(`| ${[...cells, ttft.toFixed(2)].join(' | ')} |`);
    }
  }
};

const number = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(0));
const ratio = (value: number, base: number): string => (Number.isNaN(value / base) ? '–' : (value / base).toFixed(2));
