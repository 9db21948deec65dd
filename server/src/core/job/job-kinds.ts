/** Every kind of job with what it is handed. A job names ids, never content: what it works on may be deleted meanwhile. */
export type JobPayloads = {
  'process-source': { botId: string; sourceId: string; revision: number };
  'purge-source': { botId: string; sourceId: string };
  'purge-conversation': { conversationId: string };
  'purge-bot': { botId: string };
  'prune-expired': Record<string, never>;
};

export type JobKindName = keyof JobPayloads;
