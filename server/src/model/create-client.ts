import type { ChatModel } from '../core/turn/chat-model.ts';
import type { AiSdkVendor } from './ai-sdk/vendors.ts';
import { createAiSdk } from './ai-sdk/client.ts';
import { createAnthropic } from './anthropic/client.ts';
import type { ClientOptions } from './exchange/client-options.ts';
import { createOpenAiCompatible } from './openai-compatible/client.ts';

/** The dialects that a provider may speak. */
export type ProviderType = 'openai-compatible' | 'anthropic' | AiSdkVendor;

/** The vendors' own addresses, whose published prices hold. */
const vendorsByOrigin: Readonly<Record<string, string>> = {
  'https://api.openai.com': 'openai',
  'https://api.anthropic.com': 'anthropic',
  'https://generativelanguage.googleapis.com': 'google',
};

/**
 * The client of one provider. `url` is with the version; a `dispatcher` stands in for connections of our own where the
 * address is a tenant's. Throws `Error` where URL or key cannot be used, with a message that shows neither.
 */
export const createModelClient = (
  provider: { type: ProviderType; url: string; key: string | null },
  options: Pick<ClientOptions, 'dispatcher' | 'clock'> = {},
): ChatModel => {
  const { type, url, key } = provider;
  const client = createByType(type, { baseUrl: url, key, ...options });
  const vendor = vendorsByOrigin[new URL(url).origin];
  return vendor === undefined ? client : withVendor(client, vendor);
};

/** False where a vendor's package puts the address together, and leaves no place for a query. */
export const takesQuery = (type: ProviderType): boolean => type === 'openai-compatible' || type === 'anthropic';

const createByType = (type: ProviderType, options: ClientOptions): ChatModel => {
  if (type === 'openai-compatible') return createOpenAiCompatible(options);
  if (type === 'anthropic') return createAnthropic(options);
  return createAiSdk(type, options);
};

const withVendor = (client: ChatModel, vendor: string): ChatModel => ({
  vendor,
  contextTokens: (model) => client.contextTokens(model),
  reply: (request, onText) => client.reply(request, onText),
  close: () => client.close(),
});
