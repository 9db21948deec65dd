import type { Server } from './boot.ts';
import { saying, type ScriptedProvider } from './scripted-provider.ts';

type Place = { server: Server; provider: ScriptedProvider; bot: string };

/** Everything that a caller can leave behind, each piece with a word of its own. */
export const leaveTraces = async ({ server, provider, bot }: Place, who: string): Promise<void> => {
  provider.use(saying(`REPLY-${who} is what the bot said.`));
  const user = `USER-${who}`;
  await server.send('PATCH', `/v1/users/${user}`, {
    body: {
      traits: { [`TRAIT-${who}`]: `VALUE-${who}` },
      facts: { [`FACT-NAME-${who}`]: `FACT-VALUE-${who}`, [`GONE-${who}`]: null },
    },
  });
  const body = {
    message: `MESSAGE-${who}`,
    context: { page: `CONTEXT-${who}` },
    metadata: { note: `METADATA-${who}` },
  };
  const { body: turn } = await server.send('POST', '/v1/chat', {
    body: { bot_id: bot, user_id: user, ...body },
    headers: { 'idempotency-key': `KEY-${who}` },
  });
  await server.send('POST', `/v1/turns/${turn.id}/feedback`, {
    body: { rating: 'up', comment: `COMMENT-${who}` },
    headers: { 'idempotency-key': `FEEDBACK-KEY-${who}` },
  });
  await server.send('POST', `/v1/turns/${turn.id}/cancel`, { headers: { 'idempotency-key': `CANCEL-KEY-${who}` } });
  const { body: made } = await server.send('POST', '/v1/conversations', {
    body: { bot_id: bot, user_id: user, metadata: { topic: `TOPIC-${who}` } },
    headers: { 'idempotency-key': `MADE-KEY-${who}` },
  });
  await server.send('POST', `/v1/conversations/${made.id}/messages`, {
    body: { messages: [{ role: 'user', content: `IMPORTED-${who}` }] },
    headers: { 'idempotency-key': `IMPORT-KEY-${who}` },
  });
  await server.send('PATCH', `/v1/users/LINKED-${who}`, { body: {} });
  await server.send('POST', `/v1/users/${user}/link`, {
    body: { user_id: `LINKED-${who}` },
    headers: { 'idempotency-key': `LINK-KEY-${who}` },
  });
  await server.send('POST', '/v1/chat', {
    body: { bot_id: bot, user_id: `LINKED-${who}`, message: `LINKED-MESSAGE-${who}`, new_conversation: true },
  });
};

/** The words that `leaveTraces` leaves. */
export const tracesOf = (who: string): string[] =>
  [
    'REPLY',
    'USER',
    'TRAIT',
    'VALUE',
    'FACT-NAME',
    'FACT-VALUE',
    'GONE',
    'MESSAGE',
    'CONTEXT',
    'METADATA',
    'KEY',
    'COMMENT',
    'TOPIC',
    'IMPORTED',
    'LINKED',
    'LINKED-MESSAGE',
  ].map((piece) => `${piece}-${who}`);
