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
