import { median } from '../quantile.ts';
import { table } from '../table-text.ts';
import type { Figures, Mode, ModelSpeed } from './measure.ts';

/** The rounds of every subject in one mode at one number of callers. */
export type Result = { mode: Mode; level: number; speed: ModelSpeed; byName: Map<string, Figures[]> };

export type Medians = { rate: number; cpu: number; database: number; ttft: number; webhooks: number; other: number };

/** Over the rounds; NaN for what a subject does not have. */
export const mediansOf = (rounds: readonly Figures[]): Medians => ({
  rate: median(rounds.map((figures) => figures.rate)),
  cpu: median(rounds.map((figures) => figures.srvCpuUs ?? NaN)),
  database: median(rounds.map((figures) => figures.auxCpuUs ?? NaN)),
  ttft: median(rounds.map((figures) => figures.ttft50)),
  webhooks: median(rounds.map((figures) => figures.webhookShare ?? NaN)),
  other: median(rounds.map((figures) => figures.otherPct)),
});

const baseline = 'raw proxy';

/** Medians over the rounds, and the ratios to the raw proxy: the share of its turns, and the multiple of its CPU. */
export const resultTable = (results: readonly Result[]): string =>
  table(
    [
      'mode',
      'callers',
      'what',
      'turns/s',
      'of the raw proxy',
      'CPU a turn, µs',
      'of the raw proxy',
      'CPU of the database, µs',
      'first token, ms',
      'webhooks sent a turn',
      'other load, %',
    ],
    results.flatMap(({ mode, level, speed, byName }) => {
      const base = mediansOf(byName.get(baseline) ?? []);
      return [...byName].map(([name, rounds]) => {
        const { rate, cpu, database, ttft, webhooks, other } = mediansOf(rounds);
        return [
          `${mode}${speed === 'slow' ? ', slow model' : ''}`,
          String(level),
          name,
          figure(rate, 0),
          figure(rate / base.rate, 2),
          figure(cpu, 0),
          figure(cpu / base.cpu, 2),
          figure(database, 0),
          figure(ttft, 2),
          figure(webhooks, 2),
          // the mock, the receiver and the database are part of it where they are not counted apart
          figure(other, 0),
        ];
      });
    }),
  );

const figure = (value: number, digits: number): string => (Number.isNaN(value) ? '–' : value.toFixed(digits));
