import type { JobKinds } from './job-kind.ts';
import { processSource, type ProcessSourceParts } from './kinds/process-source.ts';
import { type PruneParts, pruneExpired } from './kinds/prune-expired.ts';
import { purgeBot } from './kinds/purge-bot.ts';
import { purgeConversation } from './kinds/purge-conversation.ts';
import { purgeSource } from './kinds/purge-source.ts';
import type { EndTurns } from '../core/conversation/delete-conversation.ts';

export type JobParts = ProcessSourceParts & PruneParts & { endTurns: EndTurns };

/** Every kind of job there is. */
export const jobKinds = (parts: JobParts): JobKinds => ({
  'process-source': processSource(parts),
  'purge-source': purgeSource(parts),
  'purge-conversation': purgeConversation(parts),
  'purge-bot': purgeBot(parts),
  'prune-expired': pruneExpired(parts),
});
