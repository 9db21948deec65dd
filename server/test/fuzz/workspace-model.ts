import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Server } from '../boot.ts';

type Conversation = { id: string; botId: string; user: string; status: 'open' | 'closed'; texts: string[] };

/** What a workspace must look like after what was asked of it. */
export type Model = {
  bots: Map<string, { version: number; name: string }>;
  conversations: Map<string, Conversation>;
  /** Turns by Idempotency-Key, with the body that made them. */
  keyed: Map<string, { turnId: string; conversationId: string; body: Record<string, unknown> }>;
  /** Keys whose turn was deleted: they become free when its last rows are gone, at a moment that nobody promises. */
  spent: Set<string>;
  deleted: string[];
  charged: number;
};

export type Step = { name: string; run: (model: Model, server: Server) => Promise<void> };

const at = <Value>(values: Iterable<Value>, index: number): Value | undefined => {
  const list = [...values];
  return list.length === 0 ? undefined : list[index % list.length];
};

const fallback = 'Ask our staff.';

const createBot = fc.constantFrom('Ada', 'Bob', 'Zoë').map((name): Step => ({
  name: `create a bot ${name}`,
  run: async (model, server) => {
    const { status, body } = await server.send('POST', '/v1/bots', { body: { name, fallback, model: 'builtin' } });
    equal(status, 201);
    model.bots.set(body.id, { version: 1, name });
  },
}));

const updateBot = fc.tuple(fc.nat(), fc.boolean()).map(([index, current]): Step => ({
  name: `change bot ${index}, ${current ? 'with' : 'with an old'} If-Match`,
  run: async (model, server) => {
    const [id, bot] = at(model.bots, index) ?? [];
    if (id === undefined || !bot) return;
    const version = current ? bot.version : bot.version + 1;
    const answer = await server.send('PATCH', `/v1/bots/${id}`, {
      body: { tone: `tone ${bot.version}` },
      headers: { 'if-match': `"${version}"` },
    });
    equal(answer.status, current ? 200 : 412);
    if (current) bot.version += 1;
    const read = await server.send('GET', `/v1/bots/${id}`);
    equal(read.body.version, bot.version);
  },
}));

const deleteBot = fc.nat().map((index): Step => ({
  name: `delete bot ${index}`,
  run: async (model, server) => {
    const [id, bot] = at(model.bots, index) ?? [];
    if (id === undefined || !bot) return;
    const path = `/v1/bots/${id}?confirm=${encodeURIComponent(bot.name)}`;
    equal((await server.send('DELETE', path)).status, 200);
    model.bots.delete(id);
    model.deleted.push(`/v1/bots/${id}`);
    for (const conversation of model.conversations.values()) {
      if (conversation.botId === id) forget(model, conversation);
    }
  },
}));

const forget = (model: Model, { id }: Conversation): void => {
  model.conversations.delete(id);
  for (const [key, { conversationId }] of model.keyed) if (conversationId === id) model.spent.add(key);
  model.deleted.push(`/v1/conversations/${id}`);
};

const chat = fc
  .record({
    bot: fc.nat(),
    user: fc.constantFrom('ann', 'ben', 'cho'),
    text: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((text) => text.trim() !== ''),
    stream: fc.boolean(),
    key: fc.option(fc.integer({ min: 1, max: 60 }).map((number) => `key-${number}`)),
    fresh: fc.boolean(),
  })
  .map((call): Step => ({
    name: `chat ${JSON.stringify(call)}`,
    run: async (model, server) => {
      const botId = at(model.bots.keys(), call.bot);
      if (botId === undefined) return;
      const asked = { bot_id: botId, user_id: call.user, message: `_${call.text}`, new_conversation: call.fresh };
      const key = call.key === null || model.spent.has(call.key) ? null : call.key;
      const headers = key === null ? {} : { 'idempotency-key': key };
      const known = key === null ? undefined : model.keyed.get(key);
      const { status, turn, replayed, code } = await sendChat(server, { ...asked, stream: call.stream }, headers);
      if (known) {
        const same = JSON.stringify(known.body) === JSON.stringify(asked);
        if (!same) {
          deepEqual([status, code], [422, 'idempotency_mismatch']);
          return;
        }
        deepEqual([status, turn?.id, replayed], [200, known.turnId, 'true']);
        return;
      }
      equal(status, 200);
      deepEqual([turn.status, turn.bot_id, turn.user_id], ['completed', botId, call.user]);
      model.charged += 1;
      if (key !== null) model.keyed.set(key, { turnId: turn.id, conversationId: turn.conversation_id, body: asked });
      place(model, { botId, user: call.user, fresh: call.fresh, conversationId: turn.conversation_id }).texts.push(
        asked.message,
        turn.reply.content,
      );
    },
  }));

// oxlint-disable-next-line typescript/no-explicit-any -- an answer of the API
type Sent = { status: number; turn: any; replayed: string | null; code: string | undefined };

const sendChat = async (
  server: Server,
  body: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<Sent> => {
  if (body['stream'] !== true) {
    const answer = await server.send('POST', '/v1/chat', { body, headers });
    const replayed = answer.headers.get('idempotent-replayed');
    return { status: answer.status, turn: answer.body, replayed, code: answer.body?.error?.code };
  }
  const stream = await server.open('POST', '/v1/chat', { body, headers });
  await stream.done;
  const { response, events } = stream;
  const replayed = response.headers.get('idempotent-replayed');
  if (response.status !== 200) {
    return { status: response.status, turn: null, replayed, code: JSON.parse(stream.raw()).error.code as string };
  }
  const text = events.filter(({ event }) => event === 'reply.delta').map(({ data }) => data.text as string);
  const turn = events.at(-1)?.data;
  equal(text.join(''), turn.reply.content);
  return { status: 200, turn, replayed, code: undefined };
};

/** The conversation that a message went to: an open one of the same user and bot, or a new one where there is none. */
const place = (
  model: Model,
  told: { botId: string; user: string; fresh: boolean; conversationId: string },
): Conversation => {
  const { botId, user, conversationId: id } = told;
  const known = model.conversations.get(id);
  if (known) {
    deepEqual([told.fresh, known.botId, known.user, known.status], [false, botId, user, 'open']);
    return known;
  }
  const open = [...model.conversations.values()].filter(
    (other) => other.botId === botId && other.user === user && other.status === 'open',
  );
  if (!told.fresh) deepEqual(open, []);
  equal(model.deleted.includes(`/v1/conversations/${id}`), false);
  const started: Conversation = { id, botId, user, status: 'open', texts: [] };
  model.conversations.set(id, started);
  return started;
};

const closeConversation = fc.nat().map((index): Step => ({
  name: `close conversation ${index}`,
  run: async (model, server) => {
    const conversation = at(model.conversations.values(), index);
    if (!conversation) return;
    const answer = await server.send('PATCH', `/v1/conversations/${conversation.id}`, { body: { status: 'closed' } });
    equal(answer.status, 200);
    conversation.status = 'closed';
  },
}));

const deleteConversation = fc.nat().map((index): Step => ({
  name: `delete conversation ${index}`,
  run: async (model, server) => {
    const conversation = at(model.conversations.values(), index);
    if (!conversation) return;
    equal((await server.send('DELETE', `/v1/conversations/${conversation.id}`)).status, 200);
    forget(model, conversation);
  },
}));

const readBack = fc.nat().map((index): Step => ({
  name: `read conversation ${index}, the lists, the usage and what was deleted`,
  run: async (model, server) => {
    const conversation = at(model.conversations.values(), index);
    if (conversation) {
      const { body } = await server.send('GET', `/v1/conversations/${conversation.id}?messages=100`);
      equal(body.status, conversation.status);
      const newestFirst = (body.messages.data as { content: string }[]).map(({ content }) => content);
      deepEqual(newestFirst, conversation.texts.toReversed().slice(0, 100));
    }
    const bots = await allOf(server, '/v1/bots?limit=100');
    deepEqual(new Set(model.bots.keys()), new Set(bots.filter((id) => model.bots.has(id))));
    for (const path of model.deleted.slice(-3)) equal((await server.send('GET', path)).status, 404);
    const usage = await server.send('GET', '/v1/usage');
    deepEqual([usage.body.messages.used, usage.body.messages.reserved], [model.charged, 0]);
  },
}));

const allOf = async (server: Server, path: string): Promise<string[]> => {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const { body } = await server.send('GET', path + after);
    ids.push(...(body.data as { id: string }[]).map(({ id }) => id));
    if (body.has_more !== true) return ids;
    after = `&after=${body.last_id}`;
  }
};

/** One request on the workspace and what it must have led to. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: createBot, weight: 2 },
  { arbitrary: updateBot, weight: 2 },
  { arbitrary: deleteBot, weight: 1 },
  { arbitrary: chat, weight: 12 },
  { arbitrary: closeConversation, weight: 2 },
  { arbitrary: deleteConversation, weight: 2 },
  { arbitrary: readBack, weight: 4 },
);
