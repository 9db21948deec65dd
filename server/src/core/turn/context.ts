/**
 * What a model is shown for one turn, in sections. Built by `compose-context.ts`, turned into a vendor's request by the
 * model clients, and stored (as ids, hashes and token counts) as the turn's receipt.
 */

/** A passage of the knowledge base, numbered from 1 as the model is asked to cite it. */
export type ContextPassage = {
  index: number;
  chunkId: string;
  sourceId: string;
  title: string;
  /** Headings above the passage, outermost first. */
  headings: readonly string[];
  url: string | null;
  /** Of a document, from 1; null where it has none. */
  page: number | null;
  text: string;
  /** 0 to 1, comparable between queries. */
  score: number;
  tokens: number;
};

/** An earlier message of the conversation. `human` is a staff member. */
export type ContextMessage = {
  /** Its place in the conversation. */
  seq: number;
  role: 'user' | 'assistant' | 'human' | 'system';
  text: string;
  tokens: number;
};

/** Something known of the user. */
export type ContextFact = {
  name: string;
  value: string;
  /** When the user said it themselves; null for what the operator knows. */
  saidAt: number | null;
};

/** An older message of this user, from this conversation or another one. */
export type ContextRecall = {
  conversationId: string;
  role: Exclude<ContextMessage['role'], 'system'>;
  text: string;
  createdAt: number;
};

/** The bot's own words about itself, for models that do not read instructions (builtin). */
export type ContextBot = {
  name: string;
  /** `auto` or BCP 47. */
  language: string;
  greeting: string;
  fallback: string;
};

export type ModelContext = {
  bot: ContextBot;
  /** Business description, tone, language and rules, as one text. */
  instructions: string;
  /** Key and value pairs shown as data: the call's `context`. */
  facts: readonly (readonly [name: string, value: string])[];
  /** What is known of the user, from outside this call. */
  known: readonly ContextFact[];
  /** Of what came before the history; null where the history is the whole of it, and where there is none. */
  summary: string | null;
  /** In the order in which it was said; those of one conversation and day stand together. */
  recall: readonly ContextRecall[];
  passages: readonly ContextPassage[];
  /** Oldest first. */
  history: readonly ContextMessage[];
  /** The user's message; several where messages were merged into one turn. */
  messages: readonly ContextMessage[];
  /** True where the bot wants `[1]` marks in the text the caller sees. */
  inlineCitations: boolean;
};
