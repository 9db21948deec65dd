import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = new URL('../../scripts/install-test-programs.mjs', import.meta.url).href;

/** Runs the script with one program that is missing, and one that is there; resolves with what it says. */
const run = async (env: Record<string, string>): Promise<string[]> => {
  const program = `
    import { installTestPrograms } from ${JSON.stringify(script)};
    const install = (name) => () => console.log('installing ' + name) === undefined;
    const common = { tests: 'its tests' };
    installTestPrograms([
      { ...common, name: 'Here', packageName: 'here', has: () => true, install: install('here') },
      { ...common, name: 'Missing', packageName: 'missing', has: () => false, install: install('missing') },
    ]);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  return stdout.trim().split('\n');
};

it('a program that tests need is installed where it is missing', async () => {
  expect(await run({})).toEqual(['installing missing']);
});

it('nothing is installed with TEST_INSTALL=off; what is missing is named, with its command', async () => {
  expect(await run({ TEST_INSTALL: 'off' })).toEqual([
    'Missing is not here: its tests are skipped. Install it with: apt-get install missing',
  ]);
});
