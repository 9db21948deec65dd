/**
 * Whole turns a second, CPU a turn and time to first token, in one run of alternating rounds against one mock model.
 *
 *   node bench/turns.ts [--subjects direct,proxy,least,sqlite,postgres,postgres64,portkey,mastra] [--parts turns,slow]
 *     [--rounds 5] [--seconds 3] [--levels 1,16,64] [--modes json,sse] [--warm 40] [--webhooks on]
 *     [--messages greeting] [--data DIR] [--database-processors 1] [--tools DIR] [--out FILE.json]
 *     [--write docs/performance.md]
 *
 * DIR holds `mock-upstream.mjs`, `raw-proxy.mjs`, `load.mjs` and `gen-hist20.mjs`. Every Parley turn has a finite plan, a
 * reservation and a ledger row, a receipt, an Idempotency-Key, 20 messages of history, and a webhook endpoint that wants to
 * know of it (`--webhooks off` leaves that out, to see what it costs). `portkey` and `mastra` need
 * `npm ci --prefix bench/peers`. Servers are pinned to the first processor; mock, load, webhook receiver and PostgreSQL to
 * the second (PostgreSQL may use others, as `taskset` takes them: `0,1`). Compare ratios of one run only.
 *
 * `turns`: every mode at every level. `slow`: a model with its first token after 20 ms and one more each 5 ms, streamed to
 * 32 callers, for the CPU of a server whose streams are mostly open and waiting.
 *
 * `--messages questions`: every message is one of XQuAD's 1,190 questions (in DIR of `--data`) in place of the greeting that
 * the others send. On a question what was said before the window is searched, and much of it shown to the model.
 * `--messages support`: and each bot knows XQuAD's 240 paragraphs, which are searched, too.
 *
 * Before a mode is measured each server is loaded for `--warm` seconds by 16 callers. A server runs for months, and the
 * compiler of a program of Parley's size takes about 40 seconds of load to settle: a fifth of the CPU until then is its
 * own. The proxy's few functions are compiled in the first second, so that a shorter run would compare compilers.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSection } from './performance-page.ts';
import { readXquad } from './quality/xquad-data.ts';
import { goalTable } from './turns/goals.ts';
import { type Figures, measure, type Mode, type ModelSpeed, type Subject } from './turns/measure.ts';
import { greeting, type Said } from './turns/parley-subject.ts';
import { startSubjects } from './turns/subjects.ts';
import { type Result, resultTable } from './turns/table.ts';

const { values } = parseArgs({
  options: {
    subjects: { type: 'string', default: 'direct,proxy,sqlite' },
    parts: { type: 'string', default: 'turns,slow' },
    tools: { type: 'string', default: resolve(import.meta.dirname, '../../shared/bench') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    levels: { type: 'string', default: '1,16,64' },
    modes: { type: 'string', default: 'json,sse' },
    warm: { type: 'string', default: '40' },
    webhooks: { type: 'string', default: 'on' },
    messages: { type: 'string', default: 'greeting' },
    data: { type: 'string', default: resolve(import.meta.dirname, '../../shared/data') },
    'database-processors': { type: 'string', default: '1' },
    out: { type: 'string' },
    write: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const parts = new Set(values.parts.split(','));
const warmLevel = 16;
const slowLevel = 32;

if (!['greeting', 'questions', 'support'].includes(values.messages)) {
  throw new Error(`there are no messages ${values.messages}: greeting, questions or support`);
}
const isGreeting = values.messages === 'greeting';
const { questions, paragraphs } = isGreeting ? { questions: [], paragraphs: [] } : readXquad(values.data, 'en');
const said: Said = {
  messages: isGreeting ? [greeting] : questions.map(({ text }) => text),
  knowledge: values.messages === 'support' ? paragraphs : [],
};

const { subjects, stop } = await startSubjects(values.subjects.split(','), {
  tools: resolve(values.tools),
  ...said,
  webhooks: values.webhooks === 'on',
  databaseProcessors: values['database-processors'],
});

const results: Result[] = [];
/** After each table, so that a run that is broken off is not lost. */
const keep = (): void => {
  if (values.out === undefined) return;
  const rows = results.map(({ byName, ...load }) => ({ ...load, ...Object.fromEntries(byName) }));
  writeFileSync(values.out, `${JSON.stringify(rows, null, 2)}\n`);
};

type Load = { mode: Mode; level: number; speed: ModelSpeed };

/** An error of one call is told, and costs its round and not the hour; a second one in a row is more than an accident. */
const measureOrRepeat = async (subject: Subject, load: Load): Promise<Figures> => {
  const run = { ...load, seconds, tools: values.tools };
  try {
    return await measure(subject, run);
  } catch (error) {
    console.error(error);
    return measure(subject, run);
  }
};

/** Every subject in turn, `rounds` times over, so that a slow moment of the machine meets all of them. */
const compare = async (load: Load): Promise<void> => {
  const byName = new Map<string, Figures[]>(subjects.map((subject: Subject) => [subject.name, []]));
  for (let round = 0; round < rounds; round++) {
    // the order turns around, so that nobody always comes behind the same one
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      byName.get(subject.name)?.push(await measureOrRepeat(subject, load));
    }
  }
  const result = { ...load, byName };
  console.log(resultTable([result]));
  results.push(result);
  keep();
};

const warmUp = async (mode: Mode): Promise<void> => {
  for (const subject of subjects) {
    if (subject.target('fast').pid === null) continue;
    const load = { mode, level: warmLevel, speed: 'fast' } as const;
    await measure(subject, { ...load, seconds: Number(values.warm), tools: values.tools });
  }
};

let warmMode: Mode | null = null;
try {
  if (parts.has('turns')) {
    for (const mode of values.modes.split(',') as Mode[]) {
      await warmUp(mode);
      warmMode = mode;
      for (const level of values.levels.split(',').map(Number)) {
        await compare({ mode, level, speed: 'fast' });
      }
    }
  }
  if (parts.has('slow')) {
    if (warmMode !== 'sse') await warmUp('sse');
    await compare({ mode: 'sse', level: slowLevel, speed: 'slow' });
  }
  // the goals are for what all of them are sent
  const tables = isGreeting ? `${goalTable(results)}\n${resultTable(results)}` : resultTable(results);
  console.log(tables);
  if (values.write) writeSection(values.write, { name: isGreeting ? 'turns' : values.messages, text: tables });
} finally {
  await stop();
}
