import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Store } from '../core/store.ts';
import type { ChatModel } from '../core/turn/chat-model.ts';
import type { Failpoint } from '../kit/failpoint.ts';
import type { Logger } from '../kit/logger.ts';

/** What tests put in place of the real thing: only ever more checks, or the far side of a network. */
export type AppOverrides = {
  logger?: Logger;
  /** Checks every answer against its schema. */
  validateResponses?: boolean;
  /** Models by provider, beside those of the configuration. */
  models?: ReadonlyMap<string, ChatModel>;
  /** How long a conversation is quiet before what is remembered of it is looked after. */
  memoryQuietMs?: number;
};

/** What a start is given, and every part is made of. */
export type Environment = {
  config: Config;
  secrets: Secrets;
  logger: Logger;
  store: Store;
  /** Where a test wants the process to fail; null in every real one. */
  failpoint: Failpoint | null;
  overrides: AppOverrides;
};
