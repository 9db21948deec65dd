/**
 * How good are search, answers and memory? Each part in turn on each store, through the API of a server of its own.
 *
 *     node bench/quality.ts [--parts paragraphs,replies,unanswerable,follow-ups,locomo,speed] [--stores sqlite,postgres] [--data ../shared/data]
 *       [--write docs/quality.md] [--missed missed.jsonl]
 *
 * All parts and SQLite alone by default. PostgreSQL is started in a temporary folder. `--missed` names a file to which the
 * questions of `paragraphs` that went wrong are added, a line each.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSection } from './performance-page.ts';
import { BenchPostgres } from './postgres.ts';
import { parts } from './quality/parts.ts';
import type { QualityPart, QualityPlace, StoreName } from './quality/part.ts';
import { type Measured, qualityTable } from './quality/quality-table.ts';
import { startQualityServer } from './quality/quality-server.ts';

const { values: flags } = parseArgs({
  options: {
    parts: { type: 'string', default: parts.map(({ name }) => name).join(',') },
    stores: { type: 'string', default: 'sqlite' },
    data: { type: 'string', default: join(import.meta.dirname, '../../shared/data') },
    write: { type: 'string' },
    missed: { type: 'string' },
  },
});

const chosen = flags.parts.split(',').map((name): QualityPart => {
  const part = parts.find((candidate) => candidate.name === name);
  if (!part) throw new Error(`there is no part ${name}; there are ${parts.map((one) => one.name).join(', ')}`);
  return part;
});
const stores = flags.stores.split(',').map((name): StoreName => {
  if (name !== 'sqlite' && name !== 'postgres') throw new Error(`there is no store ${name}; sqlite or postgres`);
  return name;
});

const postgres = stores.includes('postgres') ? await BenchPostgres.start() : null;
let served = 0;

const measure = async (part: QualityPart, store: StoreName): Promise<Measured> => {
  const running = new Set<{ stop(): Promise<void> }>();
  const serve: QualityPlace['serve'] = async (env) => {
    const name = `quality_${served++}`;
    const server = await startQualityServer(name, {
      postgres: store === 'postgres' ? postgres : null,
      ...(env ? { env } : {}),
    });
    const handle = {
      ...server,
      stop: async () => {
        if (running.delete(handle)) await server.stop();
      },
    };
    running.add(handle);
    return handle;
  };
  const miss: QualityPlace['miss'] = (missed) => {
    if (flags.missed !== undefined) appendFileSync(flags.missed, `${JSON.stringify({ store, ...missed })}\n`);
  };
  try {
    return { store, rows: await part.run({ store, data: flags.data, serve, miss }) };
  } finally {
    for (const server of running) await server.stop();
  }
};

try {
  for (const part of chosen) {
    const measured: Measured[] = [];
    for (const store of stores) measured.push(await measure(part, store));
    const text = qualityTable(measured);
    console.log(`${part.name}\n\n${text}`);
    if (flags.write !== undefined) writeSection(flags.write, { name: part.name, text });
  }
} finally {
  await postgres?.close();
}
