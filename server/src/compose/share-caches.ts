import type { SharedCaches } from '../bus/shared-caches.ts';
import type { KeyAuthenticator } from '../core/access/authenticate-key.ts';
import type { BotCache } from '../core/bot/bot-cache.ts';
import type { WorkspaceModels } from '../core/provider/workspace-models.ts';
import type { TurnPassages } from '../core/turn/find-turn-passages.ts';
import type { WorkspaceTermsCache } from '../core/usage/workspace-terms.ts';
import type { Embeddings } from './create-embeddings.ts';
import type { RouteParts } from '../http/route-parts.ts';
import type { VisitorGate } from '../http/visitor-gate.ts';

export type SharedForgets = Pick<RouteParts, 'forgetBot' | 'forgetKnowledge' | 'forgetProvider'>;

/** What drops remembered bots, knowledge and providers, here and in the other processes. */
export const shareCaches = (
  caches: SharedCaches,
  parts: {
    bots: BotCache;
    passages: TurnPassages;
    workspaceModels: WorkspaceModels;
    embeddings: Pick<Embeddings, 'forget'>;
  },
): SharedForgets => {
  const { bots, passages, workspaceModels, embeddings } = parts;
  const forgetProvider = caches.share(
    'provider',
    (workspaceId: string, name: string) => workspaceModels.forget({ workspaceId, name }),
    () => workspaceModels.forgetAll(),
  );
  return {
    forgetBot: caches.share(
      'bot',
      (botId: string) => bots.forget(botId),
      () => bots.forget(),
    ),
    forgetKnowledge: caches.share(
      'knowledge',
      (botId: string) => {
        passages.forget(botId);
        embeddings.forget(botId);
      },
      () => {
        passages.forget();
        embeddings.forget();
      },
    ),
    forgetProvider: ({ workspaceId, name }) => forgetProvider(workspaceId, name),
  };
};

/** The same for whom a request is from, and what they may do. */
export const shareAccessCaches = (
  caches: SharedCaches,
  parts: { authenticator: KeyAuthenticator; terms: WorkspaceTermsCache; gate: VisitorGate },
): Pick<RouteParts, 'forgetKey' | 'forgetWorkspace'> & Pick<VisitorGate, 'forgetUserTokens'> => {
  const { authenticator, terms, gate } = parts;
  return {
    forgetKey: caches.share(
      'key',
      (keyId: string) => authenticator.forget(keyId),
      () => authenticator.forget(),
    ),
    forgetWorkspace: caches.share(
      'workspace',
      (workspaceId: string) => {
        terms.forget(workspaceId);
        authenticator.forget();
      },
      () => terms.forget(),
    ),
    forgetUserTokens: caches.share(
      'user-tokens',
      () => gate.forgetUserTokens(),
      () => gate.forgetUserTokens(),
    ),
  };
};
