import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** Where this run keeps compiled code, for the servers that a test starts: a start costs a third less. */
export const findCompiledCode = (): string | undefined => {
  // Node keeps that of each of its versions in a folder of its own
  const own = getCompileCacheDir();
  return own === undefined ? undefined : dirname(own);
};
