import { setImmediate } from 'node:timers/promises';
import { estimateTokens } from '../../kit/token-estimate.ts';
import {
  type ChatModel,
  ChatModelError,
  type ChatModelReply,
  type ChatModelRequest,
} from '../../core/turn/chat-model.ts';
import type { ModelContext } from '../../core/turn/context.ts';
import { composeReply } from './compose-reply.ts';
import { streamPieces } from './stream-pieces.ts';

/** It has no window of its own: what it is shown is bounded like that of a small model. */
const contextTokens = 32_000;

/** Pieces written before others get their turn, and a cancel is seen. */
const piecesPerBreath = 8;

/**
 * The model that is no language model: it answers with the sentences of the knowledge that fit the question best, or
 * says the bot's fallback. It needs no network, gives the same reply to the same context, and costs a few milliseconds.
 */
export const builtinModel = (): ChatModel => ({
  contextTokens: () => contextTokens,

  async reply(request, onText) {
    throwIfAborted(request.signal);
    const { text, finishReason, citations } = composeReply(request.context);
    const shown = withinReplyTokens(text, request.maxReplyTokens);
    if (request.stream) await streamText(shown, request, onText);
    else onText(shown);
    return {
      finishReason: shown.length < text.length ? 'length' : finishReason,
      usage: { inputTokens: countInput(request.context), outputTokens: estimateTokens(shown) },
      citations,
    } satisfies ChatModelReply;
  },

  close: () => Promise.resolve(),
});

const streamText = async (
  text: string,
  { signal }: ChatModelRequest,
  onText: (text: string) => void,
): Promise<void> => {
  for (const [at, piece] of streamPieces(text).entries()) {
    if (at % piecesPerBreath === piecesPerBreath - 1) await setImmediate();
    throwIfAborted(signal);
    onText(piece);
  }
};

const throwIfAborted = (signal: AbortSignal): void => {
  if (signal.aborted) throw new ChatModelError('aborted', 'the request was cancelled');
};

/** The longest run of whole pieces within the limit; at least one piece, since a reply is never empty. */
const withinReplyTokens = (text: string, maxReplyTokens: number | null): string => {
  if (maxReplyTokens === null || estimateTokens(text) <= maxReplyTokens) return text;
  let shown = '';
  for (const piece of streamPieces(text)) {
    if (shown !== '' && estimateTokens(shown + piece) > maxReplyTokens) break;
    shown += piece;
  }
  return shown.trimEnd();
};

/** What it has read: the question and the passages. */
const countInput = ({ messages, passages }: ModelContext): number =>
  [...messages, ...passages].reduce((sum, { tokens }) => sum + tokens, 0);
