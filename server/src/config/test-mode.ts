import { failpointActions, failpointNames, type FailpointPlan } from '../kit/failpoint.ts';
import type { ValueReader } from './value-reader.ts';
import type { VariableName } from './variables.ts';

/** What weakens the program so that a test can see what it withstands. All of it is refused outside test mode. */
export type TestMode = Readonly<{
  failpoint: FailpointPlan | null;
  /** False: commits are acknowledged before they are on the disk. */
  syncsCommits: boolean;
}>;

/** A server that somebody relies on, which is every one that does not say otherwise. */
const production = 'production';
const maxFailpointCount = 1_000_000;

const readFailpoint = (read: ValueReader): FailpointPlan | null => {
  const text = read.text('PARLEY_FAILPOINT');
  if (text === null) return null;
  const [place, doing, count = '1', ...rest] = text.split(':');
  const name = failpointNames.find((known) => known === place);
  const action = Object.keys(failpointActions).find((known): known is keyof typeof failpointActions => known === doing);
  const at = /^\d{1,7}$/.test(count) ? Number(count) : 0;
  if (name && action && rest.length === 0 && at >= 1 && at <= maxFailpointCount) return { name, action, at };
  const actions = Object.keys(failpointActions).join(' or ');
  read.wrong(
    'PARLEY_FAILPOINT',
    `must be <name>:<${actions}>, with :<count> behind it where not the first time is meant; names are ${failpointNames.join(', ')}`,
  );
  return null;
};

export const readTestMode = (read: ValueReader): TestMode => {
  const mode = read.oneOf('PARLEY_MODE', [production, 'test']);
  const testMode = {
    failpoint: readFailpoint(read),
    syncsCommits: read.oneOf('PARLEY_SQLITE_SYNC', ['full', 'none']) === 'full',
  };
  if (mode === 'test') return testMode;
  const refuse = (name: VariableName): void => read.wrong(name, 'needs PARLEY_MODE=test: it is for tests alone');
  if (read.text('PARLEY_FAILPOINT') !== null) refuse('PARLEY_FAILPOINT');
  if (!testMode.syncsCommits) refuse('PARLEY_SQLITE_SYNC');
  return { failpoint: null, syncsCommits: true };
};
