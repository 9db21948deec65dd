import { ParleyError } from '../error.ts';
import type { BotConfig } from '../bot/bot.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { KnownFact } from '../memory/known-facts.ts';
import { referenceOf } from '../memory/reference-of.ts';
import type { TurnMemory } from '../memory/turn-memory.ts';
import type { RecalledMessage } from '../recall/find-recall.ts';
import { type ChosenFact, chooseFacts, messageOf, summaryShare } from './choose-memory.ts';
import { chooseRecall } from './choose-recall.ts';
import type { ContextMessage, ContextPassage, ModelContext } from './context.ts';
import type { LeftOut, Receipt, ReceiptItem, ReceiptSection } from './receipt.ts';
import type { TurnMessage } from './turn.ts';

/** Words that a model's dialect puts around a message or a passage. */
const framingTokens = 6;
/** Room kept for the reply where the bot does not say, and the part of the context it takes at most. */
const replyTokens = 1024;
const replyShare = 0.25;
/** The part of what is left that recalled messages may take, where it is less than the bot grants them. */
const recallShare = 0.35;
/** The part of what is left that passages may take before the history gets its turn. */
const passageShare = 0.5;

export type ComposeInput = {
  bot: BotConfig;
  /** `composeInstructions(bot)`, with its hash; both are the same for every turn of a version. */
  instructions: { text: string; tokens: number; hash: string };
  /** The smaller of the model's and the bot's context size. */
  contextTokens: number;
  /** At most so many messages of history. */
  window: number;
  /** Sent with the call. */
  facts: readonly (readonly [name: string, value: string])[];
  /** Of the user, the most telling first. */
  known: readonly KnownFact[];
  /** Of what left the window. */
  summary: TurnMemory['summary'];
  /** Best first. */
  recalled: readonly RecalledMessage[];
  /** Best first. */
  passages: readonly ContextPassage[];
  /** Oldest first; one message more than the window where there are more, so that a cut turn is seen. */
  history: readonly TurnMessage[];
  messages: readonly TurnMessage[];
};

export type Composition = {
  context: ModelContext;
  budget: Receipt['budget'];
  sections: ReceiptSection[];
  leftOut: LeftOut[];
};

/**
 * Decides what the model sees, under a budget of tokens: instructions, the call's context and the message itself always;
 * then what is known of the user; then recalled messages under a budget of their own; then passages, best first; then the
 * latest whole turns, newest first, and where those are not all, a summary of what came before. Pure. Throws message_too_long where not even the first part fits.
 */
export const composeContext = (input: ComposeInput): Composition => {
  const { bot, instructions } = input;
  const leftOut: LeftOut[] = [];
  const limitTokens = budgetOf(bot, input.contextTokens);
  const messages = input.messages.map(toContextMessage);
  const factTokens = tokensOfFacts(input.facts);
  const fixed = instructions.tokens + factTokens + sumTokens(messages);
  if (fixed > limitTokens) {
    throw new ParleyError(
      'message_too_long',
      `The message and the bot's instructions need about ${fixed} tokens; ${limitTokens} fit into the model's context.`,
      { param: 'message' },
    );
  }
  const named = input.facts.map(([name]) => name);
  const known = chooseFacts(input.known, { available: limitTokens - fixed, named }, leftOut);
  const beforeRecall = fixed + sumTokens(known);
  const recall = chooseRecall(
    input.recalled,
    {
      budgetTokens: Math.min(bot.memory.recallTokens, (limitTokens - beforeRecall) * recallShare),
      history: input.messages,
    },
    leftOut,
  );
  const beforePassages = beforeRecall + sumTokens(recall.items);
  const passages = choosePassages(input.passages, (limitTokens - beforePassages) * passageShare, leftOut);
  const beforeHistory = beforePassages + sumTokens(passages);
  const { history, summary } = chooseTalk(input, limitTokens - beforeHistory, leftOut);
  return {
    context: {
      bot: { name: bot.name, language: bot.language, greeting: bot.greeting, fallback: bot.fallback },
      instructions: instructions.text,
      facts: input.facts,
      known: known.map(({ name, value, origin, at }) => ({ name, value, saidAt: origin === 'said' ? at : null })),
      summary: summary?.text ?? null,
      recall: recall.shown,
      passages,
      history,
      messages,
      inlineCitations: bot.knowledge.citations === 'inline',
    },
    budget: { limitTokens, usedTokens: beforeHistory + (summary?.tokens ?? 0) + sumTokens(history) },
    sections: describe({
      instructions,
      factTokens,
      known,
      summary,
      recalled: recall.items,
      passages,
      history,
      messages,
    }),
    leftOut,
  };
};

type Facts = ComposeInput['facts'];

const tokensOfFacts = (facts: Facts): number =>
  facts.reduce((sum, [name, value]) => sum + estimateTokens(name) + estimateTokens(value) + 2, 0);

/** What a call's context and messages take of `roomForCall`. `tokens`: of the messages' texts together. */
export const tokensOfCall = (facts: Facts, messages: { count: number; tokens: number }): number =>
  tokensOfFacts(facts) + messages.tokens + messages.count * framingTokens;

/** Tokens that the bot's instructions leave for a call's context and messages; past it they do not fit. */
export const roomForCall = ({
  bot,
  instructions,
  contextTokens,
}: Pick<ComposeInput, 'bot' | 'contextTokens'> & { instructions: { tokens: number } }): number =>
  budgetOf(bot, contextTokens) - instructions.tokens;

const budgetOf = (bot: BotConfig, contextTokens: number): number =>
  contextTokens - Math.floor(Math.min(bot.maxReplyTokens ?? replyTokens, contextTokens * replyShare));

const toContextMessage = (message: TurnMessage): ContextMessage => ({
  seq: message.seq,
  role: message.role,
  text: message.text,
  tokens: message.tokens + framingTokens,
});

const sumTokens = (items: readonly { tokens: number }[]): number => {
  let sum = 0;
  for (const item of items) sum += item.tokens;
  return sum;
};

/** The best passages that fit, numbered from 1 in the order of their rank. */
const choosePassages = (passages: readonly ContextPassage[], budget: number, leftOut: LeftOut[]): ContextPassage[] => {
  const chosen: ContextPassage[] = [];
  let left = budget;
  for (const passage of passages) {
    const tokens = passage.tokens + framingTokens;
    if (tokens > left) {
      leftOut.push({ kind: 'knowledge', chunkId: passage.chunkId, reason: 'budget' });
      continue;
    }
    left -= tokens;
    chosen.push({ ...passage, index: chosen.length + 1, tokens });
  }
  return chosen;
};

/** The history, with a summary in front of it where it is not the whole of the conversation. */
const chooseTalk = (
  input: ComposeInput,
  budget: number,
  leftOut: LeftOut[],
): { history: ContextMessage[]; summary: { text: string; tokens: number } | null } => {
  const cut: LeftOut[] = [];
  const history = chooseHistory(input, budget, cut);
  const summary = input.summary && { text: input.summary.text, tokens: input.summary.tokens + framingTokens };
  if (!summary || cut.length === 0) {
    leftOut.push(...cut);
    return { history, summary: null };
  }
  if (summary.tokens > budget * summaryShare) {
    leftOut.push({ kind: 'summary', reason: 'budget' }, ...cut);
    return { history, summary: null };
  }
  return { history: chooseHistory(input, budget - summary.tokens, leftOut), summary };
};

/** Whole turns, newest first, while window and budget allow; once one does not fit, nothing older does. */
const chooseHistory = (input: ComposeInput, budget: number, leftOut: LeftOut[]): ContextMessage[] => {
  const chosen: ContextMessage[] = [];
  let left = budget;
  let end = input.history.length;
  while (end > 0) {
    const start = turnStart(input.history, end);
    const group = input.history.slice(start, end).map(toContextMessage);
    const tokens = sumTokens(group);
    const reason = chosen.length + group.length > input.window ? 'window' : tokens > left ? 'budget' : null;
    if (reason) {
      for (const message of input.history.slice(0, end).toReversed()) {
        leftOut.push({ kind: 'history', seq: message.seq, reason });
      }
      break;
    }
    chosen.unshift(...group);
    left -= tokens;
    end = start;
  }
  return chosen;
};

/** Where the turn that ends before `end` begins. Messages without a turn stand alone. */
const turnStart = (history: readonly TurnMessage[], end: number): number => {
  const turnId = history[end - 1]?.turnId ?? null;
  let start = end - 1;
  if (turnId === null) return start;
  while (start > 0 && history[start - 1]?.turnId === turnId) start--;
  return start;
};

const describe = (parts: {
  instructions: ComposeInput['instructions'];
  factTokens: number;
  known: readonly ChosenFact[];
  summary: { text: string; tokens: number } | null;
  recalled: ReceiptItem[];
  passages: readonly ContextPassage[];
  history: readonly ContextMessage[];
  messages: readonly ContextMessage[];
}): ReceiptSection[] => {
  const { instructions, summary, passages } = parts;
  const sections: ReceiptSection[] = [
    {
      kind: 'instructions',
      tokens: instructions.tokens,
      items: [{ tokens: instructions.tokens, hash: instructions.hash }],
    },
  ];
  const facts = factItems(parts.factTokens, parts.known);
  if (facts.length > 0) sections.push({ kind: 'facts', tokens: sumTokens(facts), items: facts });
  if (summary) {
    const item = { tokens: summary.tokens, reference: referenceOf(summary.text) };
    sections.push({ kind: 'summary', tokens: summary.tokens, items: [item] });
  }
  const { recalled } = parts;
  if (recalled.length > 0) sections.push({ kind: 'recall', tokens: sumTokens(recalled), items: recalled });
  if (passages.length > 0) {
    const items = passages.map(({ chunkId, sourceId, score, tokens }) => ({ chunkId, sourceId, score, tokens }));
    sections.push({ kind: 'knowledge', tokens: sumTokens(items), items });
  }
  if (parts.history.length > 0) sections.push(messageSection('history', parts.history));
  sections.push(messageSection('message', parts.messages));
  return sections;
};

const factItems = (contextTokens: number, known: readonly ChosenFact[]): ReceiptItem[] => [
  ...(contextTokens > 0 ? [{ tokens: contextTokens, origin: 'context' as const }] : []),
  ...known.map((fact) => ({
    tokens: fact.tokens,
    origin: fact.origin,
    reference: fact.reference,
    ...messageOf(fact),
  })),
];

const messageSection = (kind: 'history' | 'message', messages: readonly ContextMessage[]): ReceiptSection => {
  const items: ReceiptItem[] = messages.map(({ seq, tokens }) => ({ seq, tokens }));
  return { kind, tokens: sumTokens(items), items };
};

/**
 * The place from which on a window shows the history, whole turns only, whatever the budget says; null where it shows all
 * of it.
 */
export const windowStart = (history: readonly TurnMessage[], window: number): number | null => {
  let end = history.length;
  while (end > 0) {
    const start = turnStart(history, end);
    if (history.length - start > window) return (history[end - 1]?.seq ?? 0) + 1;
    end = start;
  }
  return null;
};
