/** How much the property tests ask; `vitest.config.ts` provides it. */
export type FuzzEffort = { cases: number; sequences: number; seed: number };

declare module 'vitest' {
  interface ProvidedContext {
    fuzz: FuzzEffort;
  }
}
