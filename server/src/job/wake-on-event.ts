import type { Store } from '../core/store.ts';

/** The store, calling `wake` once something that may have told the outbox of an event is durable. */
export const wakeOnEvent = (store: Store, wake: () => void): Store => {
  const { turns } = store;
  const awake = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await work;
    wake();
    return result;
  };
  return {
    ...store,
    transact: (work) =>
      store.transact((writers) =>
        work({
          ...writers,
          outbox: {
            async append(event) {
              await writers.outbox.append(event);
              writers.afterCommit(wake);
            },
          },
        }),
      ),
    turns: {
      ...turns,
      accept: (input, onWritten) => awake(turns.accept(input, onWritten)),
      finish: (input) => awake(turns.finish(input)),
      requestStop: (input) => awake(turns.requestStop(input)),
    },
  };
};
