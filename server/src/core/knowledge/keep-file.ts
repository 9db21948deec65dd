import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import type { Principal } from '../access/principal.ts';
import type { BotReader } from '../bot/bot-store.ts';
import { findBot } from '../bot/find-bot.ts';
import { ParleyError } from '../error.ts';
import type { Transact } from '../store.ts';
import { DocumentError } from './document-error.ts';
import { decideFormat } from './document-format.ts';

/** Bytes a transaction writes, about 2 ms of the writer; a file of 20 MB has 80 parts. */
const partBytes = 256 * 1024;
/** After so long parts without a source are removed: whoever sent them got no answer, or another one. */
const orphanedAfterMs = 60 * 60_000;

export type FileToKeep = {
  principal: Principal;
  botId: string;
  name: string;
  mediaType: string | null;
  bytes: Uint8Array;
};

/**
 * Keeps the bytes of a file, in parts, for a source that is added next; gives its id. Throws not_found, and
 * invalid_request for what no parser would read.
 */
export const keepFile = async (
  { bots, transact, clock }: { bots: Pick<BotReader, 'find'>; transact: Transact; clock: Clock },
  { principal, botId, name, mediaType, bytes }: FileToKeep,
): Promise<string> => {
  const { workspaceId } = await findBot(bots, principal, botId);
  assertReadable({ name, mediaType, bytes });
  const target = { workspaceId, botId, sourceId: newId('src') };
  for (let part = 0; part * partBytes < bytes.length; part++) {
    await transact(async ({ knowledge, jobs }) => {
      if (part === 0) {
        const { sourceId } = target;
        const runAt = clock() + orphanedAfterMs;
        await jobs.enqueue({ workspaceId, kind: 'purge-source', payload: { botId, sourceId }, runAt });
      }
      await knowledge.writeBytes(target, part, bytes.subarray(part * partBytes, (part + 1) * partBytes));
    });
  }
  return target.sourceId;
};

const assertReadable = (file: Parameters<typeof decideFormat>[0]): void => {
  try {
    decideFormat(file);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new ParleyError('invalid_request', error.message, { param: 'file', cause: error });
  }
};
