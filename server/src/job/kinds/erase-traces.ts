import type { JobKind } from '../job-kind.ts';
import type { EraseUserParts } from './erase-user.ts';

/** Takes what was deleted out of the files of the database, for all that was deleted since the last time. */
export const eraseTraces = ({ eraseTraces: erase }: Pick<EraseUserParts, 'eraseTraces'>): JobKind => ({
  tireless: true,
  // it reads the whole file, for which no deletion should have to wait
  lane: 'background',

  async run(run) {
    await erase(run.signal);
  },
});
