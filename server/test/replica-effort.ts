import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** How often the tests of several servers repeat what they do; `scripts/replicas.mjs` sets more. */
    replicas: { quotaRounds: number; connects: number };
  }
}

/** A few rounds in `npm test`, many by `npm run replicas`. */
export const replicaEffort = inject('replicas');
