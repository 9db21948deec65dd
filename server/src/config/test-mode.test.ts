import { describe, expect, it } from 'vitest';
import { failpointNames } from '../kit/failpoint.ts';
import { readConfig } from './config.ts';
import { readEnv } from './env.ts';

const read = (environment: Record<string, string>) => readConfig(readEnv(environment)).testMode;

describe('what weakens the program for a test', () => {
  it.each([
    { PARLEY_FAILPOINT: 'after_accept_commit:kill' },
    { PARLEY_SQLITE_SYNC: 'none' },
    { PARLEY_MODE: 'production', PARLEY_FAILPOINT: 'after_accept_commit:kill' },
  ])('is refused in production, which is every mode but test: %o', (environment) => {
    expect(() => read(environment)).toThrow('needs PARLEY_MODE=test: it is for tests alone');
  });

  it('is off in test mode too where it is not asked for', () => {
    expect(read({ PARLEY_MODE: 'test' })).toEqual({ failpoint: null, syncsCommits: true });
  });

  it('is what the variables say in test mode, with a warning for each', () => {
    const environment = {
      PARLEY_MODE: 'test',
      PARLEY_FAILPOINT: 'before_delivery:pause:3',
      PARLEY_SQLITE_SYNC: 'none',
    };
    expect(read(environment)).toEqual({
      failpoint: { name: 'before_delivery', action: 'pause', at: 3 },
      syncsCommits: false,
    });
    expect(readConfig(readEnv(environment)).warnings).toHaveLength(2);
  });

  it.each(['after_accept_commit', 'somewhere:kill', 'after_accept_commit:explode', 'after_accept_commit:kill:0'])(
    'names what is known where it is told of %s',
    (text) => {
      expect(() => read({ PARLEY_MODE: 'test', PARLEY_FAILPOINT: text })).toThrow(failpointNames.join(', '));
    },
  );
});
