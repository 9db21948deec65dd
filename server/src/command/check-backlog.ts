import type { StorePlace } from '../store/open-store.ts';
import { inspectBacklog } from '../store/inspect-backlog.ts';
import { maxCounted } from '../core/operations/backlog.ts';
import { type Finding, fact, warning } from './finding.ts';

const minuteMs = 60_000;
/** Where servers are at work nothing that is due waits for so long; the first retries of a webhook are over by then. */
const longMs = 15 * minuteMs;

/** Jobs that were given up, and what waits for jobs and webhooks. */
export const checkBacklog = async (place: StorePlace): Promise<Finding[]> => {
  const { jobs, webhooks } = await inspectBacklog(place);
  const dead = [...jobs.dead].map(([kind, count]) => `${kind} ${said(count)}`);
  const waiting = [...jobs.waiting.values()].reduce((sum, count) => sum + count, 0);
  const { oldestDueMs } = jobs;
  const late = oldestDueMs !== null && oldestDueMs > longMs;
  const due = late ? `, the oldest due for ${minutes(oldestDueMs)} min: is a server at work?` : '';
  const left = webhooks.events + webhooks.deliveries;
  const { oldestMs } = webhooks;
  const old = oldestMs !== null && oldestMs > longMs;
  const since = old ? `, the oldest for ${minutes(oldestMs)} min: see which endpoints fail` : '';
  return [
    dead.length === 0
      ? fact('no job was given up')
      : warning(`jobs were given up (${dead.join(', ')}): the log says why each failed`),
    (late ? warning : fact)(`${said(waiting)} jobs wait${due}`),
    (old ? warning : fact)(`${said(left)} webhook deliveries wait${since}`),
  ];
};

const said = (count: number): string => (count >= maxCounted ? `${maxCounted} or more` : String(count));

const minutes = (ms: number): number => Math.round(ms / minuteMs);
