import type { Page, PageRequest } from '../page.ts';

/** The dialects that a workspace's own provider may speak, with the address that a vendor's own service has. */
export const vendorAddresses = {
  'openai-compatible': 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
} as const;

export type WorkspaceProviderType = keyof typeof vendorAddresses;

/** A workspace's own model provider: its bots may name `<name>/<model>`. */
export type Provider = {
  id: string;
  workspaceId: string;
  /** Unique in the workspace, and none of the operator's. It stays as it is: bots name it. */
  name: string;
  type: WorkspaceProviderType;
  /** Null: the vendor's own. */
  baseUrl: string | null;
  /** Where its key is among the encrypted secrets. Every change makes a new one. */
  secretId: string;
  lastFour: string;
  createdAt: number;
  updatedAt: number;
};

export const addressOf = ({ type, baseUrl }: Pick<Provider, 'type' | 'baseUrl'>): string =>
  baseUrl ?? vendorAddresses[type];

export interface ProviderReader {
  find(workspaceId: string, providerId: string): Promise<Provider | null>;
  findByName(workspaceId: string, name: string): Promise<Provider | null>;
  list(workspaceId: string, page: PageRequest): Promise<Page<Provider>>;
}

export interface ProviderStore extends ProviderReader {
  count(workspaceId: string): Promise<number>;
  /** False where the name is taken. */
  insert(provider: Provider): Promise<boolean>;
  update(provider: Provider): Promise<void>;
  remove(workspaceId: string, providerId: string): Promise<void>;
}
