import type { Subject } from './measure.ts';
import { leastSubject } from './least-subject.ts';
import { mastraSubject } from './mastra-subject.ts';
import { parleySubject, type Said } from './parley-subject.ts';
import { directSubject, portkeySubject, proxySubject } from './stateless-subjects.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';
import { plan, planName } from './workspaces.ts';

const manyWorkspaces = 64;

type Sent = Said & { webhooks: boolean };

/** By the names that the command line takes. */
const makers: Record<string, (around: Surroundings, options: Sent) => Promise<Subject>> = {
  direct: (around) => Promise.resolve(directSubject(around)),
  proxy: proxySubject,
  portkey: portkeySubject,
  mastra: mastraSubject,
  least: leastSubject,
  sqlite: (around, options) => parleySubject('Parley, SQLite', around, { on: 'sqlite', workspaces: 1, ...options }),
  postgres: (around, options) =>
    parleySubject('Parley, PostgreSQL', around, { on: 'postgres', workspaces: 1, ...options }),
  postgres64: (around, options) =>
    parleySubject('Parley, PostgreSQL, 64 workspaces', around, {
      on: 'postgres',
      workspaces: manyWorkspaces,
      ...options,
    }),
};

/** Starts everything that is compared, each a process of its own. */
export const startSubjects = async (
  names: readonly string[],
  { tools, databaseProcessors, ...sent }: Sent & { tools: string; databaseProcessors: string },
): Promise<{ subjects: Subject[]; stop: () => Promise<void> }> => {
  const unknown = names.filter((name) => !(name in makers));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; known: ${Object.keys(makers).join(', ')}`);
  const around = await startSurroundings(tools, {
    postgres: names.some((name) => name.startsWith('postgres')) ? { processors: databaseProcessors } : null,
    plans: { default: planName, plans: { [planName]: plan } },
  });
  try {
    const subjects: Subject[] = [];
    for (const name of names) {
      const subject = await makers[name]?.(around, sent);
      if (subject) subjects.push(subject);
    }
    return { subjects, stop: around.stop };
  } catch (error) {
    await around.stop();
    throw error;
  }
};
