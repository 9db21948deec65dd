import { describe, expect, test } from 'vitest';
import { botDefaults } from '../bot/bot-defaults.ts';
import { ParleyError } from '../error.ts';
import type { KnownFact } from '../memory/known-facts.ts';
import type { RecalledMessage } from '../recall/find-recall.ts';
import { type ComposeInput, composeContext, windowStart } from './compose-context.ts';
import type { TurnMessage } from './turn.ts';

const fact = (name: string, value: string, change: Partial<KnownFact> = {}): KnownFact => ({
  name,
  value,
  origin: 'said',
  at: Date.UTC(2026, 10, 22),
  messageId: `msg_${name}`,
  confidence: 1,
  reference: `ref_${name}`,
  ...change,
});
const talk = (turns: number, tokens = 10): TurnMessage[] =>
  Array.from({ length: turns }, (_, turn) =>
    (['user', 'assistant'] as const).map((role, at) => ({
      seq: turn * 16 + 1 + at * 15,
      turnId: `turn_${turn}`,
      role,
      text: `${role} ${turn}`,
      tokens,
    })),
  ).flat();
const compose = (change: Partial<ComposeInput> = {}) =>
  composeContext({
    bot: { ...botDefaults('builtin'), name: 'Bot', maxReplyTokens: 100 },
    instructions: { text: 'Be kind.', tokens: 100, hash: 'hash' },
    contextTokens: 2_100,
    window: 10,
    facts: [],
    known: [],
    summary: null,
    recalled: [],
    passages: [],
    history: [],
    messages: [{ seq: 99, turnId: 'turn_now', role: 'user', text: 'Hello', tokens: 94 }],
    ...change,
  });
const kinds = (composition: ReturnType<typeof compose>): string[] => composition.sections.map(({ kind }) => kind);

describe('what is known of the user', () => {
  test('is shown with its origin, its message and its tokens', () => {
    const known = [fact('plan', 'pro', { origin: 'trait', at: null, messageId: null }), fact('city', 'Batumi')];
    const composition = compose({ known, facts: [['cart', '2 items']] });
    expect(composition.context.known).toEqual([
      { name: 'plan', value: 'pro', saidAt: null },
      { name: 'city', value: 'Batumi', saidAt: Date.UTC(2026, 10, 22) },
    ]);
    const section = composition.sections.find(({ kind }) => kind === 'facts');
    expect(section?.items).toMatchObject([
      { origin: 'context' },
      { origin: 'trait', reference: 'ref_plan' },
      { origin: 'said', reference: 'ref_city', messageId: 'msg_city' },
    ]);
    expect(section?.tokens).toBe(section?.items.reduce((sum, item) => sum + item.tokens, 0));
    expect(composition.budget.usedTokens).toBe(composition.sections.reduce((sum, { tokens }) => sum + tokens, 0));
  });

  test('is not told twice where the call tells it', () => {
    const composition = compose({ known: [fact('City', 'Batumi')], facts: [['city', 'Tbilisi']] });
    expect(composition.context.known).toEqual([]);
    expect(composition.leftOut).toEqual([
      { kind: 'facts', reference: 'ref_City', messageId: 'msg_City', reason: 'duplicate' },
    ]);
  });

  test('takes a small part of the context at most, and what does not fit is named', () => {
    const known = Array.from({ length: 64 }, (_, at) => fact(`fact ${at}`, 'words '.repeat(40)));
    const composition = compose({ known });
    const tokens = composition.sections.find(({ kind }) => kind === 'facts')?.tokens ?? 0;
    expect(tokens).toBeGreaterThan(150);
    expect(tokens).toBeLessThanOrEqual((2_000 - 200) * 0.15);
    expect(composition.context.known.length + composition.leftOut.length).toBe(64);
    expect(composition.leftOut.every(({ reason }) => reason === 'budget')).toBe(true);
  });
});

describe('a summary', () => {
  const summary = { text: 'They spoke of blankets.', tokens: 50 };

  test('stands before a history that is not the whole of the conversation', () => {
    const composition = compose({ summary, history: talk(6), window: 10 });
    expect(composition.context.summary).toBe('They spoke of blankets.');
    expect(kinds(composition)).toEqual(['instructions', 'summary', 'history', 'message']);
    expect(composition.leftOut).toHaveLength(2);
    expect(composition.budget.usedTokens).toBe(composition.sections.reduce((sum, { tokens }) => sum + tokens, 0));
  });

  test('is not shown beside a history that is', () => {
    const composition = compose({ summary, history: talk(5) });
    expect(composition.context.summary).toBeNull();
    expect(kinds(composition)).not.toContain('summary');
    expect(composition.leftOut).toEqual([]);
  });

  test('is shown where the history is cut by tokens alone, and each message left out is named once', () => {
    const composition = compose({ summary, history: talk(4, 300) });
    expect(composition.context.summary).not.toBeNull();
    const left = composition.leftOut.filter(({ kind }) => kind === 'history');
    expect(left.length + composition.context.history.length).toBe(8);
    expect(composition.budget.usedTokens).toBeLessThanOrEqual(composition.budget.limitTokens);
  });

  test('that is too large for the context is left out, and said to be', () => {
    const composition = compose({ summary: { ...summary, tokens: 1_000 }, history: talk(6) });
    expect(composition.context.summary).toBeNull();
    expect(composition.leftOut[0]).toEqual({ kind: 'summary', reason: 'budget' });
  });
});

test('a message that does not fit is refused', () => {
  expect(() => compose({ contextTokens: 250 })).toThrow(ParleyError);
});

describe('what was recalled', () => {
  const recalled = (count: number): RecalledMessage[] =>
    Array.from({ length: count }, (_, index) => ({
      messageId: `msg_${index}`,
      conversationId: 'conv_old',
      seq: index + 1,
      role: 'user',
      text: `Older message ${index}`,
      createdAt: 0,
      tokens: 86,
      score: 0.5,
      reason: 'words',
    }));
  const tokensOf = (composition: ReturnType<typeof compose>): number =>
    composition.sections.find(({ kind }) => kind === 'recall')?.tokens ?? 0;

  test('stands before the history, and is counted', () => {
    const composition = compose({ recalled: recalled(2), history: talk(1) });
    expect(kinds(composition)).toEqual(['instructions', 'recall', 'history', 'message']);
    expect(composition.context.recall.map(({ text }) => text)).toEqual(['Older message 0', 'Older message 1']);
    expect(composition.budget.usedTokens).toBe(composition.sections.reduce((sum, { tokens }) => sum + tokens, 0));
  });

  test('keeps to the budget of the bot', () => {
    const bot = { ...botDefaults('builtin'), name: 'Bot', maxReplyTokens: 100 };
    const composition = compose({
      bot: { ...bot, memory: { ...bot.memory, recallTokens: 200 } },
      recalled: recalled(9),
    });
    expect(composition.context.recall).toHaveLength(2);
    expect(tokensOf(composition)).toBeLessThanOrEqual(200);
  });

  test('leaves most of a small context to others', () => {
    const composition = compose({ recalled: recalled(30) });
    expect(tokensOf(composition)).toBeGreaterThan(500);
    expect(tokensOf(composition)).toBeLessThanOrEqual(0.35 * 1_800);
    expect(composition.leftOut).toContainEqual({ kind: 'recall', messageId: 'msg_29', reason: 'budget' });
  });
});

test('a window begins with a whole turn, and has no beginning where it shows everything', () => {
  const history = talk(5);
  expect(windowStart(history, 10)).toBeNull();
  expect(windowStart(history, 4)).toBe(history[5]!.seq + 1);
  expect(windowStart(history, 5)).toBe(windowStart(history, 4));
  expect(windowStart(history, 0)).toBe(history.at(-1)!.seq + 1);
  expect(windowStart([], 10)).toBeNull();
});
