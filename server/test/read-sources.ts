import { expect } from 'vitest';
import type { Server } from './boot.ts';

/** What tests say about sources of a running server. */
export const sourcesOf = (server: Server) => {
  const path = (botId: string, sourceId: string): string => `/v1/bots/${botId}/sources/${sourceId}`;
  const get = async (botId: string, sourceId: string) => (await server.send('GET', path(botId, sourceId))).body;
  /** Waits until nothing more is being read of it. */
  const settled = async (botId: string, sourceId: string) => {
    await expect
      .poll(async () => (await get(botId, sourceId)).status as string, { timeout: 60_000, interval: 50 })
      .toMatch(/ready|failed/);
    return get(botId, sourceId);
  };
  const add = async (botId: string, body: unknown) => {
    const { status, body: source, text } = await server.send('POST', `/v1/bots/${botId}/sources`, { body });
    if (status !== 201) throw new Error(text);
    return settled(botId, source.id);
  };
  const refresh = async (botId: string, sourceId: string) => {
    const { status, text } = await server.send('POST', `${path(botId, sourceId)}/refresh`);
    if (status !== 200) throw new Error(text);
    return settled(botId, sourceId);
  };
  type Listed = { url: string | null; status: string; error: string | null; title: string | null; chunk_count: number };
  /** In the order of their finding. */
  const pages = async (botId: string, sourceId: string): Promise<Listed[]> => {
    const all: Listed[] = [];
    for (let after = ''; ;) {
      const query = after === '' ? '' : `&after=${after}`;
      const { body } = await server.send('GET', `${path(botId, sourceId)}/pages?limit=100${query}`);
      all.push(...(body.data as Listed[]));
      if (!body.has_more) return all.toReversed();
      after = body.last_id as string;
    }
  };
  const search = async (botId: string, query: string) =>
    (await server.send('POST', `/v1/bots/${botId}/search`, { body: { query } })).body.data as {
      text: string;
      title: string;
      url: string | null;
      page: number | null;
      chunk_id: string;
      headings: string[];
    }[];
  return { get, settled, add, refresh, pages, search, path };
};
