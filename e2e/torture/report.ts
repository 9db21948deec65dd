import type { Report } from './kill-process.ts';

/**
 * The campaign as a table. Violations belong to a run, and so stand beside each kind of fault of it. Where none was found
 * in n tries, the rate is below about 3/n with 95 % confidence ("rule of three").
 */
export const tableOf = (reports: readonly Report[], skipped: readonly string[]): string => {
  const lines = reports.flatMap(({ faults, violations }) =>
    Object.entries(faults).map(([fault, times]) => ({ fault, times, violations: violations.length })),
  );
  const messages = reports.reduce((sum, { operations }) => sum + operations, 0);
  const times = lines.reduce((sum, line) => sum + line.times, 0);
  const found = reports.reduce((sum, { violations }) => sum + violations.length, 0);
  return [
    '| Fault | n | Violations in its run |',
    '| --- | --- | --- |',
    ...lines.map((line) => `| ${line.fault} | ${line.times} | ${line.violations} |`),
    `| all, with ${messages} messages | ${times} | ${found} |`,
    ...skipped.map((reason) => `skipped: ${reason}`),
  ].join('\n');
};
