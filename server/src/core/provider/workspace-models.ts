import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { EncryptedSecretReader } from '../access/encrypted-secret-store.ts';
import type { ChatModel } from '../turn/chat-model.ts';
import type { ProviderAccess } from './check-provider.ts';
import { addressOf, type Provider, type ProviderReader } from './provider.ts';

/** Clients kept at once, some KB each; the one that was asked for the longest ago goes first. */
const maxClients = 500;
/** A client that nobody asked for so long is let go, and its learned quirks with it. */
const keptMs = 60 * 60 * 1_000;
/** Longest time in which a change made by another process goes unnoticed. */
const freshMs = 5_000;

type Kept = { client: ChatModel; secretId: string; address: string; freshUntil: number };

export type WorkspaceModelsParts = {
  providers: Pick<ProviderReader, 'findByName'>;
  secrets: Pick<EncryptedSecretReader, 'reveal'>;
  createClient: (access: ProviderAccess) => ChatModel;
  clock: Clock;
  /** Told of a provider whose key does not open or that makes no client: its bots go on with their fallback models. */
  onUnusable: (provider: Pick<Provider, 'workspaceId' | 'id'>, error: unknown) => void;
};

/** The clients of workspaces' own providers, made when a turn first needs one. */
export class WorkspaceModels {
  readonly #parts: WorkspaceModelsParts;
  readonly #clients: BoundedCache<string, Kept>;
  /** Counts changes: what was read before one must not be remembered after it. */
  #changes = 0;

  constructor(parts: WorkspaceModelsParts) {
    this.#parts = parts;
    this.#clients = new BoundedCache({ maxEntries: maxClients, ttlMs: keptMs, clock: parts.clock });
  }

  /** At once where the client is remembered. Null where the workspace has no provider of this name. */
  find(workspaceId: string, name: string): ChatModel | Promise<ChatModel | null> {
    const kept = this.#clients.get(`${workspaceId}/${name}`);
    if (kept && this.#parts.clock() < kept.freshUntil) return kept.client;
    return this.#read(workspaceId, { name, kept });
  }

  /**
   * To be called after the commit of every change made here. Turns that use the client go on with it: it is not closed,
   * since its connections end by themselves a few seconds after their last use.
   */
  forget({ workspaceId, name }: Pick<Provider, 'workspaceId' | 'name'>): void {
    this.#changes += 1;
    this.#clients.delete(`${workspaceId}/${name}`);
  }

  /** Where it is not known which have changed. */
  forgetAll(): void {
    this.#changes += 1;
    this.#clients.clear();
  }

  async #read(
    workspaceId: string,
    { name, kept }: { name: string; kept: Kept | undefined },
  ): Promise<ChatModel | null> {
    const { providers, clock } = this.#parts;
    const changes = this.#changes;
    const provider = await providers.findByName(workspaceId, name);
    if (!provider) {
      this.#clients.delete(`${workspaceId}/${name}`);
      return null;
    }
    const address = addressOf(provider);
    const same = kept?.secretId === provider.secretId && kept.address === address;
    const client = same ? kept.client : await this.#create(provider);
    if (client && changes === this.#changes) {
      const entry = { client, secretId: provider.secretId, address, freshUntil: clock() + freshMs };
      this.#clients.set(`${workspaceId}/${name}`, entry);
    }
    return client;
  }

  async #create(provider: Provider): Promise<ChatModel | null> {
    const { secrets, createClient, onUnusable } = this.#parts;
    try {
      const key = await secrets.reveal(provider.workspaceId, provider.secretId);
      // it was changed between the two reads: the next turn meets it as it is then
      return key === null ? null : createClient({ type: provider.type, url: addressOf(provider), key });
    } catch (error) {
      onUnusable(provider, error);
      return null;
    }
  }
}
