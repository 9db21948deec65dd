/** Every kind of job with what it is handed. A job names ids, never content: what it works on may be deleted meanwhile. */
export type JobPayloads = {
  'process-source': { botId: string; sourceId: string; revision: number };
  'remember-conversation': { conversationId: string };
  'pack-conversation': { conversationId: string };
  /** Nothing at first; then where it stands: see `sweep-memory.ts`. */
  'sweep-memory': Record<string, never>;
  'embed-source': { botId: string; sourceId: string };
  'prune-vectors': { botId: string };
  'sync-embeddings': Record<string, never>;
  'purge-source': { botId: string; sourceId: string };
  'purge-conversation': { conversationId: string };
  'purge-bot': { botId: string };
  'purge-workspace': { workspaceId: string };
  'purge-webhook-endpoint': { endpointId: string };
  'prune-expired': Record<string, never>;
  'erase-user': { erasureId: string };
  'erase-traces': Record<string, never>;
  'enforce-retention': Record<string, never>;
  'renew-secrets': Record<string, never>;
};

export type JobKindName = keyof JobPayloads;

/** All of them, as long as the compiler agrees. */
export const jobKindNames: readonly JobKindName[] = Object.keys({
  'process-source': true,
  'remember-conversation': true,
  'pack-conversation': true,
  'sweep-memory': true,
  'embed-source': true,
  'prune-vectors': true,
  'sync-embeddings': true,
  'purge-source': true,
  'purge-conversation': true,
  'purge-bot': true,
  'purge-workspace': true,
  'purge-webhook-endpoint': true,
  'prune-expired': true,
  'erase-user': true,
  'erase-traces': true,
  'enforce-retention': true,
  'renew-secrets': true,
} satisfies Record<JobKindName, true>) as JobKindName[];
