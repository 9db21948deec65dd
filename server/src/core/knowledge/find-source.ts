import type { Principal } from '../access/principal.ts';
import type { BotReader } from '../bot/bot-store.ts';
import { findBot } from '../bot/find-bot.ts';
import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { KnowledgeReader } from './knowledge-store.ts';
import type { PageStatus, SourcePage } from './source-page.ts';
import type { Source } from './source.ts';

export type SourceReaders = {
  bots: Pick<BotReader, 'find'>;
  knowledge: Pick<KnowledgeReader, 'find' | 'list' | 'pages'>;
};

export type SourceRequest = { principal: Principal; botId: string; sourceId: string };

/** A source of a bot that the principal may know of; not_found otherwise. */
export const findSource = async (
  { bots, knowledge }: SourceReaders,
  { principal, botId, sourceId }: SourceRequest,
): Promise<Source> => {
  await findBot(bots, principal, botId);
  const source = await knowledge.find(principal.workspaceId, botId, sourceId);
  if (!source) throw notFound('source');
  return source;
};

/** The sources of a bot, newest first. */
export const listSources = async (
  { bots, knowledge }: SourceReaders,
  { principal, botId }: Omit<SourceRequest, 'sourceId'>,
  page: PageRequest,
): Promise<Page<Source>> => {
  await findBot(bots, principal, botId);
  return knowledge.list(principal.workspaceId, botId, page);
};

/** The pages of a source, newest first. Throws not_found. */
export const listSourcePages = async (
  readers: SourceReaders,
  request: SourceRequest,
  page: PageRequest & { status: PageStatus | null },
): Promise<Page<SourcePage>> => {
  const { workspaceId, botId, id } = await findSource(readers, request);
  return readers.knowledge.pages({ workspaceId, botId, sourceId: id }, page);
};
