import type { ApiClient } from '../api-client.ts';
import type { Mode } from './dimensions.ts';

/** One chat call with an Idempotency-Key, whatever came of it and in which form. */
export type Asked = {
  status: number;
  /** Of an error, or of the turn that failed. */
  code: string | null;
  turnId: string | null;
  replayed: boolean;
  /** As the answer came. */
  text: string;
};

export type Asking = {
  mode: Mode;
  idempotencyKey: string;
  bot: string;
  message: string;
  userId: string;
  /** In place of the client's own API key. */
  key?: string;
  headers?: Record<string, string>;
};

/** The call on its way. `begun` resolves once a stream has said that the turn runs, or at once for JSON. */
export type Underway = { begun: () => Promise<unknown>; ended: Promise<Asked> };

const replayHeader = 'idempotent-replayed';

export const begin = (client: ApiClient, asking: Asking): Underway => {
  const { mode, idempotencyKey, bot, message, userId, key, headers } = asking;
  const request = {
    body: { bot_id: bot, message, user_id: userId, stream: mode === 'stream' },
    headers: { 'idempotency-key': idempotencyKey, ...headers },
    ...(key === undefined ? {} : { key }),
  };
  if (mode === 'json') {
    const ended = client.send('POST', '/v1/chat', request).then(({ status, headers: sent, text, body }) => ({
      status,
      code: (body?.error?.code ?? null) as string | null,
      turnId: sent.get('parley-turn-id'),
      replayed: sent.get(replayHeader) === 'true',
      text,
    }));
    return { begun: () => Promise.resolve(), ended };
  }
  const opened = client.open('POST', '/v1/chat', request);
  const ended = opened.then(async (reader): Promise<Asked> => {
    await reader.done;
    const { status, headers: sent } = reader.response;
    return {
      status,
      code: status === 200 ? (reader.events.at(-1)?.data.error?.code ?? null) : JSON.parse(reader.raw()).error.code,
      turnId: sent.get('parley-turn-id'),
      replayed: sent.get(replayHeader) === 'true',
      text: reader.raw(),
    };
  });
  return { begun: () => opened.then((reader) => reader.until('turn.started')), ended };
};

export const ask = (client: ApiClient, asking: Asking): Promise<Asked> => begin(client, asking).ended;
