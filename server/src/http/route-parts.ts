import type { KnownModels } from '../core/bot/known-models.ts';
import type { EndTurns } from '../core/conversation/delete-conversation.ts';
import type { Readers } from '../core/store.ts';
import type { SendMessage, SentMessage } from '../core/turn/send-message.ts';
import type { TurnRunner } from '../core/turn/turn-runner.ts';
import type { TurnStore } from '../core/turn/turn-store.ts';
import type { Clock } from '../kit/clock.ts';
import type { OpenStreams } from './open-streams.ts';

/** Everything that the routes of the API are made of. A route's factory takes the few of these that it needs. */
export type RouteParts = {
  readers: Readers;
  clock: Clock;
  /** The longest text of one message, in UTF-16 units. */
  maxMessageCharacters: number;
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
  /** The model of bots that name none. */
  defaultModel: string;
  /** Drops what is remembered of a key: `KeyAuthenticator.forget`. */
  forgetKey: (keyId: string) => void;
  /** Drops what is remembered of a bot: `BotCache.forget`. */
  forgetBot: (botId: string) => void;
  /** Drops what is remembered of a bot's knowledge: `TurnPassages.forget`. */
  forgetKnowledge: (botId: string) => void;
};
