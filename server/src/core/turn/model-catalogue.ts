import type { Bot, BotConfig } from '../bot/bot.ts';
import type { KnownModels } from '../bot/known-models.ts';
import type { WorkspaceModels } from '../provider/workspace-models.ts';
import type { ModelCandidate } from './call-model.ts';
import type { ChatModel } from './chat-model.ts';

/** For models whose size nobody told us: what nearly every model of today has at least. */
const unknownContextTokens = 8_192;

/** What a bot's turns are answered by. */
export type ModelChain = {
  /** The bot's model and its fallbacks, in order; names whose provider is no longer configured are left out. */
  candidates: ModelCandidate[];
  /** The context the turns are composed for, in tokens: its model's, or less where the bot says so. */
  contextTokens: number;
};

/**
 * The models that bots may name: `provider/model` for every provider of the operator's and of the bot's own workspace, and
 * `builtin`. What a provider calls its models is its own affair; only the provider is checked.
 */
export class ModelCatalogue implements KnownModels {
  readonly #providers: ReadonlyMap<string, ChatModel>;
  readonly #workspaceModels: Pick<WorkspaceModels, 'find'> | null;

  constructor(providers: ReadonlyMap<string, ChatModel>, workspaceModels: Pick<WorkspaceModels, 'find'> | null = null) {
    this.#providers = providers;
    this.#workspaceModels = workspaceModels;
  }

  has(name: string): boolean {
    return this.#find(name) !== null;
  }

  isProvider(name: string): boolean {
    return this.#providers.has(name);
  }

  /** The operator's providers, `builtin` first. */
  get providerNames(): string[] {
    return [...this.#providers.keys()];
  }

  /** At once, but for a bot that names a provider of its workspace that was not asked for lately. */
  chainOf(bot: Bot): ModelChain | Promise<ModelChain> {
    const { config } = bot;
    const found: (ModelCandidate | null)[] = [];
    const waits: Promise<void>[] = [];
    for (const [at, name] of [config.model, ...config.fallbackModels].entries()) {
      const candidate = this.#find(name) ?? this.#findOwn(name, bot.workspaceId);
      if (candidate instanceof Promise) {
        found.push(null);
        waits.push(candidate.then((late) => void (found[at] = late)));
      } else found.push(candidate);
    }
    return waits.length === 0 ? chainFrom(config, found) : Promise.all(waits).then(() => chainFrom(config, found));
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

  /** The operator's providers come first, so that a workspace's can shadow none of them. */
  #findOwn(name: string, workspaceId: string): ModelCandidate | null | Promise<ModelCandidate | null> {
    const slash = name.indexOf('/');
    const provider = name.slice(0, slash);
    if (this.#workspaceModels === null || slash < 1 || this.#providers.has(provider)) return null;
    const candidateOf = (client: ChatModel | null): ModelCandidate | null =>
      client && { provider, model: name.slice(slash + 1), client, workspaceId };
    const client = this.#workspaceModels.find(workspaceId, provider);
    return client instanceof Promise ? client.then(candidateOf) : candidateOf(client);
  }
}

const chainFrom = (config: BotConfig, found: readonly (ModelCandidate | null)[]): ModelChain => ({
  candidates: found.filter((candidate) => candidate !== null),
  contextTokens: contextTokens(config, found[0] ?? null),
});

/** The size of the smallest context among models that are asked in each other's place, in tokens. */
export const smallestContext = (config: BotConfig, candidates: readonly ModelCandidate[]): number =>
  Math.min(...candidates.map((candidate) => contextTokens(config, candidate)));

const contextTokens = (config: BotConfig, candidate: ModelCandidate | null): number => {
  const known = candidate?.client.contextTokens(candidate.model) ?? null;
  if (known === null) return config.contextTokens ?? unknownContextTokens;
  return Math.min(known, config.contextTokens ?? known);
};
