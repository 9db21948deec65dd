import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import type { FuzzEffort } from './fuzz/effort.ts';
import { type Model, step } from './fuzz/workspace-model.ts';

const { sequences, seed }: FuzzEffort = inject('fuzz');
/** Each goes on with the workspace that the one before has left. */
const longestSequence = 40;

describe(`${sequences} sequences of requests, seed ${seed}`, () => {
  let server: Server;
  const model: Model = {
    bots: new Map(),
    conversations: new Map(),
    keyed: new Map(),
    spent: new Set(),
    deleted: [],
    charged: 0,
  };
  beforeAll(async () => {
    server = await boot();
  });
  afterAll(() => server.close());

  it(
    'leave a workspace as a model of it says',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: longestSequence }), async (steps) => {
          const done: string[] = [];
          for (const { name, run } of steps) {
            done.push(name);
            try {
              await run(model, server);
            } catch (error) {
              throw new Error(`after ${done.slice(-8).join('; ')}`, { cause: error });
            }
          }
        }),
        { numRuns: sequences, seed, endOnFailure: true },
      );
      expect(model.charged).toBeGreaterThan(0);
    },
    Math.max(120_000, sequences * 5_000),
  );
});
