import type { CallModel } from '../core/turn/call-model.ts';
import type { Failpoint } from '../kit/failpoint.ts';
import type { Outbound } from '../kit/outbound/outbound.ts';

/** Calls of other systems, with the places beside them at which a test wants the process to fail. */

export const failingModelCalls = (callModel: CallModel, failpoint: Failpoint | null): CallModel => {
  if (!failpoint) return callModel;
  return (options) => {
    let begun = false;
    return callModel({
      ...options,
      onText(text) {
        // it was called, has answered, and nothing of that is stored
        if (!begun) failpoint.reach('after_first_piece');
        begun = true;
        options.onText(text);
      },
    });
  };
};

export const failingDeliveries = (outbound: Outbound, failpoint: Failpoint | null): Outbound => {
  if (!failpoint) return outbound;
  return {
    ...outbound,
    post: async (url, message) => {
      failpoint.reach('before_delivery');
      const answer = await outbound.post(url, message);
      failpoint.reach('after_delivery');
      return answer;
    },
  };
};
