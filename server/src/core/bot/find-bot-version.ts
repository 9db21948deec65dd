import type { Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { BotVersion } from './bot.ts';
import type { BotReader } from './bot-store.ts';
import { findBot } from './find-bot.ts';

/** A version of a bot that the principal may know of; not_found where there is no such bot or version. */
export const findBotVersion = async (
  bots: Pick<BotReader, 'find' | 'readVersion'>,
  principal: Principal,
  { botId, version }: { botId: string; version: number },
): Promise<BotVersion> => {
  const bot = await findBot(bots, principal, botId);
  const found = await bots.readVersion(bot.workspaceId, bot.id, version);
  if (!found) throw notFound('version of the bot');
  return found;
};

/** All versions of a bot that the principal may know of, newest first. Throws not_found. */
export const listBotVersions = async (
  bots: Pick<BotReader, 'find' | 'listVersions'>,
  principal: Principal,
  { botId, page }: { botId: string; page: PageRequest<number> },
): Promise<Page<BotVersion>> => {
  const bot = await findBot(bots, principal, botId);
  return bots.listVersions(bot.workspaceId, bot.id, page);
};
