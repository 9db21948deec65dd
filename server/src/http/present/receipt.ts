import type { turnContextSchema } from '@parley/protocol/turn-schemas';
import type { z } from 'zod';
import type { ReadItem, ReadReceipt } from '../../core/turn/read-receipt.ts';
import type { ModelAttempt, ReceiptKind } from '../../core/turn/receipt.ts';
import { presentTime } from './time.ts';

type WireReceipt = z.output<typeof turnContextSchema>;

const sectionReasons: Readonly<Record<ReceiptKind, string>> = {
  instructions: 'Says who the bot is and how it answers.',
  facts: 'Sent with the call, or known of the user.',
  summary: 'The conversation is longer than the messages that are shown word for word.',
  recall: 'Older messages of the user that fit the question.',
  knowledge: 'Passages of the knowledge base that fit the question, best first.',
  history: 'The latest messages of the conversation, word for word.',
  message: 'What the user has just said.',
};

export const presentReceipt = ({ turn, receipt }: ReadReceipt): WireReceipt => ({
  object: 'turn_context',
  turn_id: turn.id,
  budget: { limit_tokens: receipt.budget.limitTokens, used_tokens: receipt.budget.usedTokens },
  sections: receipt.sections.map(({ kind, tokens, items }) => ({
    kind,
    tokens,
    reason: sectionReasons[kind],
    items: items.map(presentItem),
  })),
  left_out: receipt.leftOut.map(presentLeftOut),
  attempts: receipt.attempts.map(presentAttempt),
  timings_ms: receipt.timingsMs,
  cost: receipt.cost,
  retrieval: receipt.vectors ? { vectors: receipt.vectors } : null,
  cited: receipt.sections.flatMap(({ items }) => items.flatMap(({ chunkId, cited }) => (cited ? (chunkId ?? []) : []))),
});

const presentItem = ({
  messageId,
  chunkId,
  sourceId,
  score,
  origin,
  searched,
  tokens,
  text,
  withheld,
  place,
  saidAt,
}: ReadItem) => ({
  ...(messageId === null ? {} : { message_id: messageId }),
  ...(chunkId === undefined ? {} : { chunk_id: chunkId }),
  ...(sourceId === undefined ? {} : { source_id: sourceId }),
  ...(typeof place?.url === 'string' ? { url: place.url } : {}),
  ...(typeof place?.page === 'number' ? { page: place.page } : {}),
  ...(score === undefined ? {} : { score }),
  ...(origin === undefined ? {} : { reason: origin }),
  ...(saidAt === undefined ? {} : { created_at: presentTime(saidAt) }),
  ...(searched === true ? { searched } : {}),
  tokens,
  text,
  ...(withheld === true ? { withheld } : {}),
});

const presentLeftOut = ({ kind, messageId, chunkId, name, reason }: ReadReceipt['receipt']['leftOut'][number]) => ({
  kind,
  ...(messageId === null ? {} : { message_id: messageId }),
  ...(chunkId === undefined ? {} : { chunk_id: chunkId }),
  ...(name === null ? {} : { name }),
  reason,
});

const presentAttempt = ({ model, status, error, firstTokenMs, totalMs, usage }: ModelAttempt) => ({
  model,
  status,
  ...(error === null ? {} : { error }),
  first_token_ms: firstTokenMs,
  total_ms: totalMs,
  usage: usage && presentUsage(usage),
});

const presentUsage = (usage: NonNullable<ModelAttempt['usage']>) => ({
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  ...(usage.cachedTokens === undefined ? {} : { cached_input_tokens: usage.cachedTokens }),
  ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
  ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens }),
  estimated: usage.estimated,
});
