import type { ProcessSourceParts } from '../src/job/kinds/process-source.ts';

const nothing = (): Promise<never> => Promise.reject(new Error('nothing is read here but what was handed in as text'));

/** For jobs of sources that are neither documents nor of the web. */
export const readNothing: Pick<ProcessSourceParts, 'parser' | 'web'> = {
  parser: { parse: nothing, close: () => Promise.resolve() },
  web: { readPage: nothing, listSitemap: nothing },
};
