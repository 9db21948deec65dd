import type { RememberParts } from '../src/core/memory/remember-conversation.ts';
import type { Store } from '../src/core/store.ts';

/** For tests of jobs that have nothing to do with memory. */
export const rememberNothing = (store: Store): RememberParts => ({
  conversations: store.readers.conversations,
  memories: store.readers.memories,
  transact: store.transact,
  findBot: () => Promise.resolve(null),
  windowOf: () => Promise.resolve(0),
  steps: [],
  clock: Date.now,
});
