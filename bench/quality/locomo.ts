import { locomoConversations, type LocomoConversation, readLocomo } from './locomo-data.ts';
import type { QualityPart, QualityRow } from './part.ts';
import type { Call } from './quality-server.ts';

/** What is published beside the data: plain BM25 over single messages, and what is aimed at. */
const goals = [
  { tokens: 2_000, baseline: 0.69, reach: 0.87 },
  { tokens: 4_000, baseline: 0.75, reach: 0.92 },
] as const;

/** As the data numbers them. */
const categories = ['several places', 'time', 'inference', 'one place', 'misleading'] as const;

type Receipt = { sections: { kind: string; tokens: number; items: { message_id?: string }[] }[] };

/** How much of a question's evidence was among what the model was shown. */
type Asked = { conversation: string; category: number; shown: number; evidence: number };

/** Brings the sessions in as conversations of one user, each message with its time; gives LoCoMo's ids by ours. */
const bringIn = async (
  call: Call,
  { botId, userId }: { botId: string; userId: string },
  { sessions }: LocomoConversation,
): Promise<Map<string, string>> => {
  const ids = new Map<string, string>();
  for (const session of sessions) {
    const { id } = await call<{ id: string }>('POST', '/v1/conversations', { bot_id: botId, user_id: userId });
    const messages = session.map(({ role, text, at }) => ({ role, content: text, created_at: at }));
    const { data } = await call<{ data: { id: string }[] }>('POST', `/v1/conversations/${id}/messages`, { messages });
    for (const [index, message] of data.entries()) ids.set(message.id, session[index]?.id ?? '');
  }
  return ids;
};

/** Asks in a conversation of its own, which is deleted before the next: a question must not be recalled itself. */
const ask = async (call: Call, who: { botId: string; userId: string }, message: string): Promise<string[]> => {
  const turn = await call<{ id: string; conversation_id: string }>('POST', '/v1/chat', {
    bot_id: who.botId,
    user_id: who.userId,
    message,
    new_conversation: true,
  });
  const { sections } = await call<Receipt>('GET', `/v1/turns/${turn.id}/context`);
  await call('DELETE', `/v1/conversations/${turn.conversation_id}`);
  return sections.flatMap(({ kind, items }) =>
    kind === 'recall' ? items.flatMap((item) => item.message_id ?? []) : [],
  );
};

const askAll = async (call: Call, botId: string, [name, set]: [string, LocomoConversation]): Promise<Asked[]> => {
  const who = { botId, userId: `locomo-${name}` };
  const ids = await bringIn(call, who, set);
  const asked: Asked[] = [];
  for (const { text, category, evidence } of set.questions) {
    const shown = new Set((await ask(call, who, text)).map((id) => ids.get(id)));
    const found = evidence.filter((id) => shown.has(id)).length;
    asked.push({ conversation: name, category, shown: found, evidence: evidence.length });
  }
  return asked;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);

const mean = (asked: readonly Asked[]): number =>
  sum(asked.map(({ shown, evidence }) => shown / evidence)) / asked.length;

/** The evidence of LoCoMo's questions among the recalled messages that a receipt lists. */
export const locomo: QualityPart = {
  name: 'locomo',
  async run({ serve, data }) {
    const { call, stop } = await serve();
    const sets = locomoConversations.map((name): [string, LocomoConversation] => [name, readLocomo(data, name)]);
    const rows: QualityRow[] = [];
    for (const { tokens, baseline, reach } of goals) {
      const { id: botId } = await call<{ id: string }>('POST', '/v1/bots', {
        name: `LoCoMo ${tokens}`,
        model: 'builtin',
        // what is shown is measured, not what is said
        memory: { recall_tokens: tokens, summary: false, facts: false },
      });
      const asked = (await Promise.all(sets.map((set) => askAll(call, botId, set)))).flat();
      const row = (
        of: readonly Asked[],
        what: string,
        goal: { baseline: number; reach: number } | null,
      ): QualityRow => ({
        what: `LoCoMo, ${tokens} tokens, ${what}`,
        baseline: goal?.baseline ?? null,
        reach: goal?.reach ?? null,
        got: mean(of),
        n: of.length,
      });
      rows.push(row(asked, 'all questions', { baseline, reach }));
      const pieces = sum(asked.map(({ evidence }) => evidence));
      const shown = sum(asked.map((one) => one.shown));
      rows.push({ ...row(asked, 'all pieces of evidence', null), got: shown / pieces, n: pieces });
      for (const [name] of sets) {
        rows.push(
          row(
            asked.filter(({ conversation }) => conversation === name),
            `conversation ${name}`,
            null,
          ),
        );
      }
      for (const [index, category] of categories.entries()) {
        rows.push(
          row(
            asked.filter((one) => one.category === index + 1),
            category,
            null,
          ),
        );
      }
    }
    await stop();
    return rows;
  },
};
