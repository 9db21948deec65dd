import type { BotConfig } from '../bot/bot.ts';
import type { ModelCandidate } from './call-model.ts';
import type { ChatModel } from './chat-model.ts';

/** For models whose size nobody told us: what nearly every model of today has at least. */
const unknownContextTokens = 8_192;

/**
 * The models that bots may name: `provider/model` for every configured provider, and `builtin`. What a provider calls
 * its models is its own affair; only the provider is checked.
 */
export class ModelCatalogue {
  readonly #providers: ReadonlyMap<string, ChatModel>;

  constructor(providers: ReadonlyMap<string, ChatModel>) {
    this.#providers = providers;
  }

  has(name: string): boolean {
    return this.#find(name) !== null;
  }

  /** The bot's model and its fallbacks, in order; names whose provider is no longer configured are left out. */
  candidates(bot: BotConfig): ModelCandidate[] {
    return [bot.model, ...bot.fallbackModels].flatMap((name) => this.#find(name) ?? []);
  }

  /** The context the bot's turns are composed for, in tokens: its model's, or less where the bot says so. */
  contextTokens(bot: BotConfig): number {
    const first = this.#find(bot.model);
    const known = first?.client.contextTokens(first.model) ?? null;
    if (known === null) return bot.contextTokens ?? unknownContextTokens;
    return Math.min(known, bot.contextTokens ?? known);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#providers.values()].map((client) => client.close()));
  }

  #find(name: string): ModelCandidate | null {
    const slash = name.indexOf('/');
    const provider = slash < 0 ? name : name.slice(0, slash);
    const client = this.#providers.get(provider);
    if (!client || slash < 0 !== (provider === 'builtin')) return null;
    return { provider, model: slash < 0 ? '' : name.slice(slash + 1), client };
  }
}
