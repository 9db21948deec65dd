import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const tickMs = 10;

/** The processor time that a process and its threads have used, user and system, in milliseconds. */
export const cpuTimeMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the name before the bracket may have spaces in it
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
};

/** A server that looks for work now and then is at rest below this share of a processor. */
const restShare = 0.04;
const lookMs = 500;
const restBudgetMs = 120_000;

/** Resolves when the process has next to nothing left to do, or after two minutes, with a line that says so. */
export const atRest = async (pid: number): Promise<void> => {
  const giveUpAt = performance.now() + restBudgetMs;
  for (let before = cpuTimeMs(pid); ;) {
    await new Promise((wake) => {
      setTimeout(wake, lookMs);
    });
    const now = cpuTimeMs(pid);
    if (now - before < lookMs * restShare) return;
    if (performance.now() > giveUpAt) {
      console.error(`Process ${pid} does not come to rest; what is measured next shares the processor with it.`);
      return;
    }
    before = now;
  }
};
