import { createHash } from 'node:crypto';
import { isTurnErrorCode, type TurnErrorCode } from '@parley/protocol/error-catalogue';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { Bot, BotConfig } from '../bot/bot.ts';
import type { Citation } from '../conversation/conversation.ts';
import { ParleyError } from '../error.ts';
import { knownFacts } from '../memory/known-facts.ts';
import type { RecalledMessage } from '../recall/find-recall.ts';
import type { VectorOutcome } from '../knowledge/vector-search.ts';
import { type CallModel, type CallResult, type ModelCandidate, modelName } from './call-model.ts';
import type { ChatModelError, ChatModelReply, ChatModelTimeouts } from './chat-model.ts';
import { CitationFilter } from './citation-filter.ts';
import { composeContext, type Composition } from './compose-context.ts';
import { composeInstructions } from './compose-instructions.ts';
import type { ContextPassage } from './context.ts';
import { type CountTokens, type NoteUsage, withUsage } from './count-usage.ts';
import type { ModelCatalogue } from './model-catalogue.ts';
import type { PriceList } from './price-list.ts';
import type { LeftOut, Receipt, ReceiptSection } from './receipt.ts';
import type { ClaimedTurn, FinishTurn, StopRequest } from './turn.ts';
import { costOf } from './turn-cost.ts';

/** How long a citation's quote is at most; a reader wants to recognise the place, not to read it twice. */
const quoteCharacters = 300;

export type AnswerParts = {
  models: ModelCatalogue;
  callModel: CallModel;
  /** Best first. */
  findPassages: (
    bot: Bot,
    turn: ClaimedTurn,
  ) => Promise<{
    passages: ContextPassage[];
    leftOut: LeftOut[];
    /** What came of the search by meaning; absent or null where there is none. */
    vectors?: VectorOutcome | null;
    /** Places of earlier messages that were searched with the question. */
    searchedWith: number[];
  }>;
  /** Best first. */
  findRecall: (bot: Bot, turn: ClaimedTurn, window: number) => Promise<RecalledMessage[]>;
  timeouts: ChatModelTimeouts;
  /** For a provider that does not say what it has used. */
  countTokens: CountTokens;
  prices: PriceList;
  noteUsage?: NoteUsage;
};

export type AnswerInput = {
  claimed: ClaimedTurn;
  bot: Bot;
  window: number;
  /** True where pieces of the text are wanted as they come. */
  stream: boolean;
  signal: AbortSignal;
  /** Why the signal was aborted. */
  stopRequest: () => StopRequest | null;
  /** Called with every piece of the reply, as the caller is to see it. */
  onText: (text: string) => void;
  onModelError: (model: string, error: ChatModelError) => void;
  /** Called once it is known what the model will be shown. */
  onComposed: (receipt: () => Receipt) => void;
};

/** The part of T2 that says what came of the turn. */
export type Answer = Pick<
  FinishTurn,
  'status' | 'finishReason' | 'errorCode' | 'model' | 'inputTokens' | 'outputTokens' | 'charge'
> & { text: string; citations: Citation[]; receipt: Receipt | null };

/** Finds what the model should see, asks it, and says how the turn ended. Never throws for a model's failure. */
export const answerTurn = async (parts: AnswerParts, input: AnswerInput): Promise<Answer> => {
  if (input.claimed.conversationStatus === 'human') return endWithout('completed', 'human');
  const startedAt = performance.now();
  const [found, recalled] = await Promise.all([
    parts.findPassages(input.bot, input.claimed),
    parts.findRecall(input.bot, input.claimed, input.window),
  ]);
  const retrievedAt = performance.now();
  const resolved = parts.models.chainOf(input.bot);
  // at once for all but a workspace's own providers
  const chain = resolved instanceof Promise ? await resolved : resolved;
  const composition = compose(input, { recalled, passages: found.passages }, chain.contextTokens);
  const receipt: Receipt = {
    budget: composition.budget,
    sections: composition.sections.map((section) => markSearched(section, found.searchedWith)),
    leftOut: [...found.leftOut, ...composition.leftOut],
    attempts: [],
    timingsMs: { retrieve: round(retrievedAt - startedAt), compose: round(performance.now() - retrievedAt) },
    cost: null,
    vectors: found.vectors ?? null,
  };
  input.onComposed(() => receipt);
  return ask(parts, input, { composition, receipt, candidates: chain.candidates });
};

const markSearched = (section: ReceiptSection, places: readonly number[]): ReceiptSection =>
  section.kind !== 'history' || places.length === 0
    ? section
    : {
        ...section,
        items: section.items.map((item) => (places.includes(item.seq ?? -1) ? { ...item, searched: true } : item)),
      };

const ask = async (
  parts: AnswerParts,
  input: AnswerInput,
  prepared: { composition: Composition; receipt: Receipt; candidates: readonly ModelCandidate[] },
): Promise<Answer> => {
  const { config } = input.bot;
  const { composition, receipt, candidates } = prepared;
  const { passages } = composition.context;
  const keepMarks = config.knowledge.citations === 'inline';
  const newFilter = (): CitationFilter => new CitationFilter({ passages: passages.length, keepMarks });
  let filter = newFilter();
  let text = '';
  const show = (piece: string): void => {
    text += piece;
    input.onText(piece);
  };
  const calledAt = performance.now();
  const result = await parts.callModel({
    candidates,
    request: {
      context: composition.context,
      temperature: config.temperature,
      maxReplyTokens: config.maxReplyTokens,
      // with a fallback at hand a silent model must be noticed by its first word, not by the end of all patience
      stream: input.stream || candidates.length > 1,
      timeouts: parts.timeouts,
      signal: input.signal,
    },
    onText: show,
    readText: () => (filter = newFilter()),
    onError: input.onModelError,
  });
  const { usedTokens } = composition.budget;
  receipt.attempts = await withUsage(result, { context: composition.context, text, usedTokens }, parts.countTokens);
  parts.noteUsage?.(candidates, receipt.attempts);
  receipt.cost = costOf(parts.prices, candidates, receipt.attempts);
  const firstTokenMs = result.attempts.at(-1)?.firstTokenMs;
  if (typeof firstTokenMs === 'number') receipt.timingsMs['first_token'] = firstTokenMs;
  receipt.timingsMs['model'] = round(performance.now() - calledAt);
  const cited = { passages, cited: filter.cited };
  const answer = conclude(input, result, {
    text,
    show,
    receipt,
    cited,
    inputTokens: usedTokens,
    read: () => text,
  });
  noteCited(receipt, passages, answer.citations);
  return answer;
};

/** What a reply cites stands in its receipt, so that one which cites nothing says so. */
const noteCited = (receipt: Receipt, passages: readonly ContextPassage[], citations: readonly Citation[]): void => {
  if (citations.length === 0) return;
  const chunkIds = new Set(citations.map(({ index }) => passages[index - 1]?.chunkId));
  for (const item of receipt.sections.flatMap(({ items }) => items)) {
    if (item.chunkId !== undefined && chunkIds.has(item.chunkId)) item.cited = true;
  }
};

type Concluding = {
  text: string;
  /** The text so far, which a fallback adds to. */
  read: () => string;
  show: (piece: string) => void;
  receipt: Receipt;
  cited: { passages: readonly ContextPassage[]; cited: ReadonlySet<number> };
  inputTokens: number;
};

const conclude = (input: AnswerInput, result: CallResult, state: Concluding): Answer => {
  const { config } = input.bot;
  const { receipt } = state;
  if (result.kind === 'completed') return completed(config, result, state);
  const model = result.attempts.findLast((attempt) => attempt.status !== 'skipped')?.model ?? null;
  const { text } = state;
  const outputTokens = text === '' ? 0 : estimateTokens(text);
  const usage = { model, inputTokens: text === '' ? 0 : state.inputTokens, outputTokens };
  const citations = citationsOf(state.cited, null);
  if (result.kind === 'aborted') {
    const status = input.stopRequest() === 'interrupt' ? 'interrupted' : 'cancelled';
    return {
      status,
      finishReason: 'cancelled',
      errorCode: null,
      ...usage,
      charge: text !== '',
      text,
      citations,
      receipt,
    };
  }
  if (text === '' && config.onModelFailure === 'fallback' && config.fallback.trim() !== '') {
    state.show(config.fallback);
    const answer = { finishReason: 'model_fallback', errorCode: null, charge: false, citations: [] } as const;
    return { status: 'completed', ...answer, ...usage, model: null, text: state.read(), receipt, citations: [] };
  }
  const failed = { status: 'failed', finishReason: 'error', errorCode: result.code, charge: false } as const;
  return { ...failed, ...usage, text, citations, receipt };
};

const completed = (config: BotConfig, result: CallResult & { kind: 'completed' }, state: Concluding): Answer => {
  const { text } = state;
  const used = state.receipt.attempts.at(-1)?.usage;
  const saidFallback = text.trim() !== '' && text.trim() === config.fallback.trim();
  return {
    status: 'completed',
    finishReason: saidFallback ? 'fallback' : result.reply.finishReason,
    errorCode: null,
    model: modelName(result.candidate),
    inputTokens: used?.inputTokens ?? state.inputTokens,
    outputTokens: used?.outputTokens ?? estimateTokens(text),
    charge: text !== '',
    text,
    citations: saidFallback ? [] : citationsOf(state.cited, result.reply.citations),
    receipt: state.receipt,
  };
};

/** A turn that ends without a model having been asked. */
export const endWithout = (
  status: Answer['status'],
  finishReason: Answer['finishReason'],
  errorCode: Answer['errorCode'] = null,
): Answer => ({
  status,
  finishReason,
  errorCode,
  model: null,
  inputTokens: 0,
  outputTokens: 0,
  charge: false,
  text: '',
  citations: [],
  receipt: null,
});

const compose = (
  input: AnswerInput,
  found: { recalled: readonly RecalledMessage[]; passages: readonly ContextPassage[] },
  contextTokens: number,
): Composition => {
  const { claimed, bot } = input;
  return composeContext({
    bot: bot.config,
    instructions: instructionsOf(bot),
    contextTokens,
    window: input.window,
    facts: Object.entries(claimed.turn.context),
    known: bot.config.memory.facts ? knownFacts(claimed.memory.users) : [],
    summary: bot.config.memory.summary ? claimed.memory.summary : null,
    ...found,
    history: claimed.history,
    messages: claimed.messages,
  });
};

type Instructions = { text: string; tokens: number; hash: string };

/** Made once for each bot version that is in use. */
const instructionsByConfig = new WeakMap<BotConfig, Instructions>();

export const instructionsOf = (bot: Bot): Instructions => {
  let instructions = instructionsByConfig.get(bot.config);
  if (!instructions) {
    const text = composeInstructions(bot.config);
    const hash = createHash('sha256').update(text).digest('base64url');
    instructions = { text, tokens: estimateTokens(text), hash };
    instructionsByConfig.set(bot.config, instructions);
  }
  return instructions;
};

/** The passages a reply rests on: as the client knows them, or by the marks that were read from the text. */
const citationsOf = ({ passages, cited }: Concluding['cited'], known: ChatModelReply['citations']): Citation[] => {
  const chosen = known ?? [...cited].map((index) => ({ index, quote: null }));
  return chosen.flatMap(({ index, quote }) => {
    const passage = passages[index - 1];
    if (!passage) return [];
    const { sourceId, title, url, headings, page, score } = passage;
    const place = { url, headings, ...(page === null ? {} : { page }) };
    return [{ index, sourceId, title, ...place, quote: quote ?? openingOf(passage.text), score }];
  });
};

const openingOf = (text: string): string => {
  if (text.length <= quoteCharacters) return text;
  const cut = text.slice(0, quoteCharacters);
  const blank = cut.lastIndexOf(' ');
  return `${(blank > quoteCharacters / 2 ? cut.slice(0, blank) : cut).toWellFormed()}…`;
};

const round = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

/** The question as it is searched for: all messages of the turn. */
export const questionOf = (claimed: Pick<ClaimedTurn, 'messages'>): string =>
  claimed.messages.map((message) => message.text).join('\n');

/** What a turn fails with that ran into an error; what no turn can be told is nobody's to see. */
export const codeOf = (error: unknown): TurnErrorCode =>
  error instanceof ParleyError && isTurnErrorCode(error.code) ? error.code : 'internal_error';
