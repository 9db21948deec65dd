/**
 * Whole turns a second, CPU a turn and time to first token: Parley on SQLite (FULL) beside a direct call and a raw undici
 * proxy, in one run of alternating rounds against one mock model.
 *
 *   node bench/turns.ts [--tools DIR] [--rounds 5] [--seconds 3] [--levels 1,16,64] [--modes json,sse] [--warm 40]
 *     [--out FILE.json]
 *
 * DIR holds `mock-upstream.mjs`, `raw-proxy.mjs`, `load.mjs` and `gen-hist20.mjs`. Every Parley turn has a finite plan, a
 * reservation and a ledger row, a receipt, an Idempotency-Key, and 20 messages of history. Servers are pinned to the first
 * processor, mock and load to the second; compare ratios of one run only.
 *
 * Before a mode is measured each subject is loaded for `--warm` seconds by 16 callers. A server runs for months, and the
 * compiler of a program of Parley's size takes about 40 seconds of load to settle: a fifth of the CPU until then is its
 * own. The proxy's few functions are compiled in the first second, so that a shorter run would compare compilers.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figures, measure, type Subject } from './turns/measure.ts';
import { startSubjects } from './turns/subjects.ts';
import { printTable, type Result } from './turns/table.ts';

const { values } = parseArgs({
  options: {
    tools: { type: 'string', default: resolve(import.meta.dirname, '../../shared/bench') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    levels: { type: 'string', default: '1,16,64' },
    modes: { type: 'string', default: 'json,sse' },
    warm: { type: 'string', default: '40' },
    out: { type: 'string' },
  },
});
const rounds = Number(values.rounds);

const { subjects, stop } = await startSubjects(values.tools);
/** Every subject in turn, `rounds` times over, so that a slow moment of the machine meets all of them. */
const compare = async (mode: 'json' | 'sse', level: number): Promise<Result> => {
  const byName = new Map<string, Figures[]>(subjects.map((subject: Subject) => [subject.name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const figures = await measure(subject, { mode, level, seconds: Number(values.seconds), tools: values.tools });
      byName.get(subject.name)?.push(figures);
    }
  }
  return { mode, level, byName };
};

const warmLevel = 16;
const warmUp = async (mode: 'json' | 'sse'): Promise<void> => {
  for (const subject of subjects) {
    await measure(subject, { mode, level: warmLevel, seconds: Number(values.warm), tools: values.tools });
  }
};

const results: Result[] = [];
try {
  for (const mode of values.modes.split(',') as ('json' | 'sse')[]) {
    await warmUp(mode);
    for (const level of values.levels.split(',').map(Number)) {
      results.push(await compare(mode, level));
      printTable(results.slice(-1));
    }
  }
  printTable(results);
  if (values.out) {
    const rows = results.map(({ mode, level, byName }) => ({ mode, level, ...Object.fromEntries(byName) }));
    writeFileSync(values.out, `${JSON.stringify(rows, null, 2)}\n`);
  }
} finally {
  await stop();
}
