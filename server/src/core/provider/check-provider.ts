import { ParleyError } from '../error.ts';
import type { WorkspaceProviderType } from './provider.ts';

/** Where a provider is, and its key. */
export type ProviderAccess = { type: WorkspaceProviderType; url: string; key: string };

/**
 * Asks a provider for something that costs nothing. Null where it answers as it should; else a sentence for the tenant,
 * in our words: nothing of what came back is in it, and no key.
 */
export type CheckProvider = (access: ProviderAccess) => Promise<string | null>;

/** Refuses a provider that does not answer as it should. Not within a transaction. */
export const requireAnswer = async (check: CheckProvider, access: ProviderAccess): Promise<void> => {
  const trouble = await check(access);
  if (trouble === null) return;
  throw new ParleyError(
    'provider_check_failed',
    `The provider was asked, and ${trouble}. Nothing was saved. Send \`skip_test: true\` to save it as it is.`,
  );
};
