import type { ChatModelReply } from '../../core/turn/chat-model.ts';
import type { ExchangeResult } from './exchange-result.ts';
import { MAX_ADAPTATIONS } from './limits.ts';
import { isContentFilter, mapFault } from './map-error.ts';
import { type ProviderFault, parseFault } from './provider-fault.ts';
import type { QuirkMemory } from './quirk-memory.ts';

/** One request on its way. */
export type Asking<Quirks> = {
  result: Promise<ExchangeResult>;
  /** What its refusal teaches: the form in which it may be sent again, or null where the form was not the fault. */
  adapt: (fault: ProviderFault) => Quirks | null;
};

export type AskOptions<Quirks> = {
  model: string;
  memory: QuirkMemory<Quirks>;
  ask: (quirks: Quirks) => Asking<Quirks>;
  /** What must not appear in an error. */
  key: string | null;
};

/**
 * Asks, and asks a provider that refuses the form of a request again in another; every round has learned something.
 * Throws only `ChatModelError`.
 */
export const askAdapting = async <Quirks>(options: AskOptions<Quirks>): Promise<ChatModelReply> => {
  const { model, memory, ask, key } = options;
  const known = memory.of(model);
  let quirks = known;
  for (let adaptations = 0; ; adaptations += 1) {
    const asking = ask(quirks);
    const result = await asking.result;
    if (result.kind === 'replied') {
      // Only what led to a reply is remembered: a server that refuses for another reason may have named anything.
      if (quirks !== known) memory.remember(model, quirks);
      return result.reply;
    }
    const fault = parseFault(result.body, result.status);
    if (isContentFilter(fault)) return { finishReason: 'content_filter', usage: null, citations: null };
    const adapted = asking.adapt(fault);
    if (adapted === null || adaptations === MAX_ADAPTATIONS) {
      throw mapFault(fault, { key, retryAfterMs: result.retryAfterMs });
    }
    quirks = adapted;
  }
};
