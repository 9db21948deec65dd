import { newId } from '../../kit/id.ts';
import { createOperatorKey, type KeyTools } from '../access/create-key.ts';
import type { Bot } from '../bot/bot.ts';
import { botDefaults } from '../bot/bot-defaults.ts';
import { createSource } from '../knowledge/create-source.ts';
import type { Transact, Writers } from '../store.ts';
import { demoSources } from './demo-knowledge.ts';

/** What a first start leaves behind. The secret is shown now and never again. */
export type FirstRun = { workspaceId: string; botId: string; secret: string };

/**
 * Makes the first workspace, a demo bot that knows Parley, and a key that may do everything, in one transaction. Null
 * where there is a workspace already.
 */
export const setUpInstallation = (
  transact: Transact,
  tools: KeyTools & { defaultModel: string },
): Promise<FirstRun | null> =>
  transact(async (writers) => {
    if (await writers.workspaces.findDefault()) return null;
    const workspaceId = newId('ws');
    await writers.workspaces.insert({
      id: workspaceId,
      parentId: null,
      name: 'Default',
      plan: null,
      createdAt: tools.clock(),
    });
    const bot = await insertDemoBot(writers, workspaceId, tools);
    const { secret } = await createOperatorKey(
      writers,
      { workspaceId, name: 'First key', type: 'live', scopes: ['all'], botIds: null, expiresAt: null },
      tools,
    );
    return { workspaceId, botId: bot.id, secret };
  });

const insertDemoBot = async (
  writers: Writers,
  workspaceId: string,
  { clock, defaultModel }: KeyTools & { defaultModel: string },
): Promise<Bot> => {
  const at = clock();
  const bot: Bot = {
    id: newId('bot'),
    workspaceId,
    version: 1,
    createdAt: at,
    updatedAt: at,
    quotas: null,
    config: {
      ...botDefaults(defaultModel),
      name: 'Demo',
      businessDescription: 'Parley, an open-source AI chat engine that developers host themselves.',
      instructions: 'Answer questions of developers who try Parley for the first time.',
      greeting: 'Hello! I am the demo bot. Ask me how Parley works.',
      fallback: 'I do not know that. I can tell you what Parley does and how to use it.',
    },
  };
  await writers.bots.insert(bot, 'system');
  for (const { title, content } of demoSources) {
    await createSource(writers, { workspaceId, botId: bot.id, title, content }, clock);
  }
  return bot;
};
