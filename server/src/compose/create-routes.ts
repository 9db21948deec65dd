import type { Transact } from '../core/store.ts';
import { sendMessage } from '../core/turn/send-message.ts';
import type { Route } from '../http/define-route.ts';
import type { OpenStreams } from '../http/open-streams.ts';
import type { RouteParts } from '../http/route-parts.ts';
import { apiRoutes } from '../http/routes/index.ts';
import type { VisitorGate } from '../http/visitor-gate.ts';
import { systemClock } from '../kit/clock.ts';
import type { Outbound } from '../kit/outbound/outbound.ts';
import { createCheckProvider, createProblemOfAddress } from '../model/workspace-client.ts';
import type { Embeddings } from './create-embeddings.ts';
import type { TurnParts, Turns } from './create-turns.ts';
import type { Environment } from './environment.ts';
import type { SharedForgets } from './share-caches.ts';

/** What the web is made of. */
export type WebParts = TurnParts & {
  outbound: Outbound;
  embeddings: Embeddings;
  shared: SharedForgets;
  turns: Turns;
  transact: Transact;
  wakeWebhooks: () => void;
};

/** What is made with the server itself. */
type RouteTools = {
  forgets: Pick<RouteParts, 'forgetKey' | 'forgetWorkspace'>;
  pepper: Buffer;
  visitors: VisitorGate;
  streams: OpenStreams;
};

/** The routes of the API with what they are made of. */
export const createRoutes = (
  { config, store }: Environment,
  parts: WebParts,
  { forgets, pepper, visitors, streams }: RouteTools,
): Route[] => {
  const { turns, bots, terms, outbound, shared } = parts;
  const { maxMessageCharacters, jsonWaitMs } = config.limits;
  return apiRoutes({
    readers: store.readers,
    vectorSearch: parts.embeddings.search,
    embeddingModel: parts.embeddings.texts?.model ?? null,
    transact: parts.transact,
    clock: systemClock,
    plans: parts.plans,
    models: parts.models,
    defaultModel: config.defaultModel,
    checkProvider: createCheckProvider(outbound),
    problemOfAddress: createProblemOfAddress(outbound),
    pepper,
    visitors,
    streams,
    sources: { address: outbound, limits: config.sources },
    webhooks: { address: outbound, wakeSender: parts.wakeWebhooks },
    turns: store.turns,
    runner: turns.runner,
    maxMessageCharacters,
    jsonWaitMs,
    sendMessage: (message) =>
      sendMessage(
        {
          turns: store.turns,
          conversations: store.readers.conversations,
          runner: turns.runner,
          findBot: async (workspaceId, botId) => bots.find(workspaceId, botId),
          terms,
          windowOf: turns.windowOf,
          models: parts.models,
          lease: turns.lease,
          maxMessageCharacters,
        },
        message,
      ),
    endTurns: turns.endTurns,
    lookForReplies: turns.lookForReplies,
    ...shared,
    ...forgets,
  });
};
