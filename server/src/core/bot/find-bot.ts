import { mayUseBot, type Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Bot } from './bot.ts';
import type { BotReader } from './bot-store.ts';

/** A bot that the principal may know of; not_found otherwise. */
export const findBot = async (bots: Pick<BotReader, 'find'>, principal: Principal, botId: string): Promise<Bot> => {
  const bot = mayUseBot(principal, botId) ? await bots.find(principal.workspaceId, botId) : null;
  if (!bot) throw notFound('bot');
  return bot;
};

/** The bots that the principal may know of, newest first. */
export const listBots = (bots: Pick<BotReader, 'list'>, principal: Principal, page: PageRequest): Promise<Page<Bot>> =>
  bots.list(principal.workspaceId, page, principal.botIds === null ? null : [...principal.botIds]);
