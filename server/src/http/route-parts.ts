import type { KnownModels } from '../core/bot/known-models.ts';
import type { LookForReplies } from '../core/conversation/answer-conversation.ts';
import type { SourceRules } from '../core/knowledge/check-source-content.ts';
import type { EndTurns } from '../core/conversation/delete-conversation.ts';
import type { VectorSearch } from '../core/knowledge/vector-search.ts';
import type { CheckProvider } from '../core/provider/check-provider.ts';
import type { ProblemOfAddress } from '../core/provider/create-provider.ts';
import type { ForgetProvider } from '../core/provider/update-provider.ts';
import type { Readers, Transact } from '../core/store.ts';
import type { SendMessage, SentMessage } from '../core/turn/send-message.ts';
import type { TurnRunner } from '../core/turn/turn-runner.ts';
import type { TurnStore } from '../core/turn/turn-store.ts';
import type { PlanCatalogue } from '../core/usage/plan-catalogue.ts';
import type { CallableAddress } from '../core/webhook/endpoint-url.ts';
import type { Clock } from '../kit/clock.ts';
import type { OpenStreams } from './open-streams.ts';
import type { VisitorGate } from './visitor-gate.ts';

/** Everything that the routes of the API are made of. A route's factory takes the few of these that it needs. */
export type RouteParts = {
  readers: Readers;
  /** Null where no embedding model is configured. */
  vectorSearch: VectorSearch | null;
  /** As vectors are kept under it; null where none is configured. */
  embeddingModel: string | null;
  clock: Clock;
  /** The longest text of one message, in characters, of which an emoji is one. */
  maxMessageCharacters: number;
  /** Ends the wait of readers for a person, where it is over: `AwaitedReplies.look`. */
  lookForReplies: LookForReplies;
  /** Ends turns in this process whose conversation was deleted. */
  endTurns: EndTurns;
  sendMessage: (message: SendMessage) => Promise<SentMessage>;
  turns: TurnStore;
  runner: TurnRunner;
  /** Open event streams, for their limit and their heartbeat. */
  streams: OpenStreams;
  /** How long a JSON call waits for its turn. */
  jsonWaitMs: number;
  /** Under which secrets are hashed. */
  pepper: Buffer;
  models: KnownModels;
  /** For the few routes that change something before there is a principal. */
  transact: Transact;
  /** Asks a model provider whose address a tenant named. */
  checkProvider: CheckProvider;
  /** What is wrong with an address that a tenant named. */
  problemOfAddress: ProblemOfAddress;
  /** Drops what is remembered of a workspace's provider: `WorkspaceModels.forget`. */
  forgetProvider: ForgetProvider;
  /** The model of bots that name none. */
  defaultModel: string;
  /** Drops what is remembered of a key: `KeyAuthenticator.forget`. */
  forgetKey: (keyId: string) => void;
  /** Drops what is remembered of a bot: `BotCache.forget`. */
  forgetBot: (botId: string) => void;
  /** Drops what is remembered of a workspace's terms, and of the keys that let into it. */
  forgetWorkspace: (workspaceId: string) => void;
  plans: PlanCatalogue;
  /** The way in for browsers: tokens, and what is remembered of them. */
  visitors: VisitorGate;
  /** What may be added as a source. */
  sources: SourceRules;
  webhooks: {
    /** Judges the addresses of endpoints. */
    address: CallableAddress;
    /** Deliveries were made due. */
    wakeSender: () => void;
  };
  /** Drops what is remembered of a bot's knowledge: `TurnPassages.forget`. */
  forgetKnowledge: (botId: string) => void;
};
