import type { RememberedMessage } from './memory-store.ts';
import { ModelRefusal, type RefusalCode } from './model-refusal.ts';

/** In one job: enough to find two messages among sixty, and few enough where a model refuses everything. */
const maxRefusals = 12;

export type Batches = {
  /** The next messages, as many as a model is asked about at once; none where there is nothing left to do. */
  next: () => Promise<RememberedMessage[]>;
  /** Makes of them what is to be remembered, and moves on. False where somebody else did, or it may not be kept. */
  read: (batch: readonly RememberedMessage[]) => Promise<boolean>;
  /** Moves on without the message. False as above. */
  passOver: (message: RememberedMessage, code: RefusalCode) => Promise<boolean>;
  /** For one job; the rest is left for the next. */
  maxMessages: number;
  signal: AbortSignal;
};

/**
 * Reads messages a batch at a time. Of a batch that the models refuse they are asked about the first half, and so on down
 * to one message alone, which is then passed over: one that no model takes must not keep all behind it from being
 * remembered, nor be paid for with every turn. Throws what may pass, and a refusal that is not of what was asked.
 */
export const readInBatches = async ({ next, read, passOver, maxMessages, signal }: Batches): Promise<void> => {
  /** How many of the next messages one is among that was refused with others; 0 where nothing is known of one. */
  let suspects = 0;
  let refusals = 0;
  for (let done = 0; done < maxMessages && refusals < maxRefusals;) {
    signal.throwIfAborted();
    const messages = await next();
    const batch = suspects === 0 ? messages : messages.slice(0, Math.max(1, Math.floor(suspects / 2)));
    const [first] = batch;
    if (first === undefined) return;
    try {
      if (!(await read(batch))) return;
      suspects = Math.max(0, suspects - batch.length);
    } catch (error) {
      if (!(error instanceof ModelRefusal && error.isOfQuestion)) throw error;
      refusals += 1;
      suspects = batch.length === 1 ? 0 : batch.length;
      if (suspects > 0) continue;
      if (!(await passOver(first, error.code))) return;
    }
    done += batch.length;
  }
};

/** Told of each message that is passed over, by ids alone; for the operator's log. It must not throw. */
export type OnPassedOver = (message: {
  workspaceId: string;
  conversationId: string;
  messageId: string;
  /** What is not made of it. */
  memory: 'facts' | 'summary';
  code: RefusalCode;
}) => void;
