import type { RotationParts } from '../core/installation/secret-rotation.ts';
import type { JobKinds } from './job-kind.ts';
import { enforceRetention, type RetentionParts } from './kinds/enforce-retention.ts';
import { eraseTraces } from './kinds/erase-traces.ts';
import { eraseUser, type EraseUserParts } from './kinds/erase-user.ts';
import { embedSourceKind, type EmbedSourceParts } from './kinds/embed-source.ts';
import { pruneVectors } from './kinds/prune-vectors.ts';
import { syncEmbeddings } from './kinds/sync-embeddings.ts';
import { packConversationKind } from './kinds/pack-conversation.ts';
import { processSource, type ProcessSourceParts } from './kinds/process-source.ts';
import { type PruneParts, pruneExpired } from './kinds/prune-expired.ts';
import { purgeBot } from './kinds/purge-bot.ts';
import { purgeConversation } from './kinds/purge-conversation.ts';
import { purgeSource } from './kinds/purge-source.ts';
import { purgeWebhookEndpoint } from './kinds/purge-webhook-endpoint.ts';
import { purgeWorkspace } from './kinds/purge-workspace.ts';
import { sweepMemory } from './kinds/sweep-memory.ts';
import { rememberConversationKind } from './kinds/remember-conversation.ts';
import { renewSecrets } from './kinds/renew-secrets.ts';
import type { JobStore } from '../core/job/job-store.ts';
import type { RememberParts } from '../core/memory/remember-conversation.ts';
import type { EndTurns } from '../core/conversation/delete-conversation.ts';

export type JobParts = ProcessSourceParts &
  EmbedSourceParts &
  PruneParts &
  EraseUserParts &
  RetentionParts & {
    memory: RememberParts;
    jobs: Pick<JobStore, 'countWaiting'>;
    secretRotation: Pick<RotationParts, 'rotation' | 'fingerprint' | 'pepperTag'>;
  } & { endTurns: EndTurns };

/** Every kind of job there is. */
export const jobKinds = (parts: JobParts): JobKinds => ({
  'process-source': processSource(parts),
  'remember-conversation': rememberConversationKind(parts.memory),
  'pack-conversation': packConversationKind(parts.memory),
  'sweep-memory': sweepMemory({ ...parts, ...parts.memory }),
  'embed-source': embedSourceKind(parts),
  'prune-vectors': pruneVectors(parts),
  'sync-embeddings': syncEmbeddings(parts),
  'purge-source': purgeSource(parts),
  'purge-conversation': purgeConversation(parts),
  'purge-bot': purgeBot(parts),
  'purge-workspace': purgeWorkspace(parts),
  'purge-webhook-endpoint': purgeWebhookEndpoint(parts),
  'prune-expired': pruneExpired(parts),
  'erase-user': eraseUser(parts),
  'erase-traces': eraseTraces(parts),
  'enforce-retention': enforceRetention(parts),
  'renew-secrets': renewSecrets({ ...parts, ...parts.secretRotation }),
});
