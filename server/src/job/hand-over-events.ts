import type { Store } from '../core/store.ts';
import type { FinishedTurn } from '../core/turn/turn.ts';
import type { WebhookSender } from './webhook-sender.ts';

/**
 * The store, handing what T2 tells the outbox to the sender of this process once that is durable: it need not look for it,
 * nor read again what it is about. For whatever else may have told the outbox of an event the sender is woken.
 */
export const handOverEvents = (store: Store, sender: () => Pick<WebhookSender, 'hold' | 'holdsMs' | 'wake'>): Store => {
  const { turns } = store;
  const awake = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await work;
    sender().wake();
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
              writers.afterCommit(() => sender().wake());
            },
          },
        }),
      ),
    turns: {
      ...turns,
      accept: (input, onWritten) => awake(turns.accept(input, onWritten)),
      async finish(input) {
        const finished = await awake(turns.finish({ ...input, eventHeldMs: sender().holdsMs }));
        if (finished?.event) handOver(sender(), finished.event, finished.result);
        return finished;
      },
      requestStop: (input) => awake(turns.requestStop(input)),
    },
  };
};

const handOver = (
  sender: Pick<WebhookSender, 'hold'>,
  event: NonNullable<FinishedTurn['event']>,
  result: FinishedTurn['result'],
): void => {
  const { mode, conversationId } = result.turn;
  sender.hold(event, { subject: { kind: 'turn', turn: result }, mode, conversationId });
};
