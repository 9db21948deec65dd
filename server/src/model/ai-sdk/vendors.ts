import type { LanguageModelV4 } from '@ai-sdk/provider';

/** What a vendor's package is told. */
export type VendorSettings = { baseUrl: string; key: string | null; fetch: typeof globalThis.fetch };

/** Gives the language models of one vendor by their names. */
export type Vendor = (settings: VendorSettings) => (model: string) => LanguageModelV4;

/**
 * Vendors that are reached by a package of the AI SDK, by the provider's type. Each is loaded when the first request
 * needs it: a package costs some hundred milliseconds and several MB, and most installations need none. To add one: its
 * package, a row here, and its name and address in `config/providers.ts`.
 */
const vendors = {
  google: async (): Promise<Vendor> => {
    const { createGoogle } = await import('@ai-sdk/google');
    // Without a key the package would look into the environment for one, which is not its to read.
    return ({ baseUrl, key, fetch }) => createGoogle({ baseURL: baseUrl, apiKey: key ?? '', fetch });
  },
} as const satisfies Readonly<Record<string, () => Promise<Vendor>>>;

export type AiSdkVendor = keyof typeof vendors;

export const loadVendor = (name: AiSdkVendor): Promise<Vendor> => vendors[name]();
