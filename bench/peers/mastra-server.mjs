/**
 * Mastra's own HTTP server with an agent for each of the mock's two models, memory of 20 messages on LibSQL, and nothing
 * else switched on. Its command line would download and bundle; this is the same server without it.
 */
import { serve } from '@hono/node-server';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { MastraServer } from '@mastra/hono';
import { LibSQLStore } from '@mastra/libsql';
import { Memory } from '@mastra/memory';
import { Hono } from 'hono';

const { PORT, UPSTREAM_FAST, UPSTREAM_SLOW, DATABASE } = process.env;
const storage = new LibSQLStore({ id: 'bench', url: `file:${DATABASE}` });
const memory = new Memory({
  storage,
  options: { lastMessages: 20, semanticRecall: false, workingMemory: { enabled: false } },
});
const agent = (id, upstream) =>
  new Agent({
    id,
    name: id,
    instructions: 'Answer in short sentences and stay polite at all times.',
    model: { id: 'mock/mock-1', url: `${upstream}/v1`, apiKey: 'none' },
    memory,
  });
const mastra = new Mastra({
  agents: { fast: agent('fast', UPSTREAM_FAST), slow: agent('slow', UPSTREAM_SLOW) },
  storage,
  logger: false,
});
const app = new Hono();
await new MastraServer({ app, mastra }).init();
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
