import {
  type ChatModel,
  ChatModelError,
  type ChatModelReply,
  type ChatModelRequest,
  type ChatModelTimeouts,
} from '../src/core/turn/chat-model.ts';
import type { ContextMessage, ModelContext } from '../src/core/turn/context.ts';

export const contextMessage = (role: ContextMessage['role'], text: string): ContextMessage => ({
  seq: 1,
  role,
  text,
  tokens: 1,
});

export const modelContext = (overrides: Partial<ModelContext> = {}): ModelContext => ({
  bot: { name: 'Shop', language: 'auto', greeting: 'Hello', fallback: 'I do not know.' },
  instructions: 'You answer for a shop.',
  facts: [],
  known: [],
  summary: null,
  recall: [],
  passages: [],
  history: [],
  messages: [contextMessage('user', 'Do you ship?')],
  inlineCitations: false,
  ...overrides,
});

/** Long enough that only a test which sets one of them meets it. */
const amplyTimed: ChatModelTimeouts = { connectMs: 5000, firstTokenMs: 5000, idleMs: 5000, totalMs: 10_000 };

export const modelRequest = (
  overrides: Partial<Omit<ChatModelRequest, 'timeouts'>> & { timeouts?: Partial<ChatModelTimeouts> } = {},
): ChatModelRequest => ({
  model: 'some-model',
  context: modelContext(),
  temperature: null,
  maxReplyTokens: null,
  stream: true,
  signal: new AbortController().signal,
  ...overrides,
  timeouts: { ...amplyTimed, ...overrides.timeouts },
});

/** What a caller saw of one request. `text` is what was handed on, also before a failure. */
export type Asked = {
  text: string;
  pieces: string[];
  reply: ChatModelReply | null;
  error: ChatModelError | null;
  /** Pieces that came after the end, which nobody would expect any more. */
  late: string[];
};

/** `onText` is told of each piece as it comes. */
export const askModel = async (
  client: ChatModel,
  request: ChatModelRequest = modelRequest(),
  onText: (piece: string) => void = () => undefined,
): Promise<Asked> => {
  const pieces: string[] = [];
  const late: string[] = [];
  let ended = false;
  const end = (reply: ChatModelReply | null, error: ChatModelError | null): Asked => {
    ended = true;
    return { text: pieces.join(''), pieces, reply, error, late };
  };
  try {
    const note = (text: string): void => {
      (ended ? late : pieces).push(text);
      onText(text);
    };
    return end(await client.reply(request, note), null);
  } catch (error) {
    if (error instanceof ChatModelError) return end(null, error);
    throw error;
  }
};
