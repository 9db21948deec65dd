import type { Clock } from '../../kit/clock.ts';
import type { Readers, Transact } from '../store.ts';
import { noteTraits } from '../user/note-traits.ts';
import type { Traits, UserPlace } from '../user/user.ts';
import type { Page } from './authenticate-key.ts';
import { publishableScopes } from './publishable-key.ts';
import type { VisitorPrincipal } from './principal.ts';
import { visitorIdOf } from './user-token.ts';
import type { UserTokenVerifier } from './user-token-verifier.ts';
import type { VisitorPlace } from './visitor-store.ts';
import { newVisitorId, type VisitorTokens } from './visitor-token.ts';

/** What a page's request shows of its visitor; null for what it does not. */
export type ShownTokens = { visitorToken: string | null; userToken: string | null };

export type Visitor = {
  principal: VisitorPrincipal;
  /** True for an anonymous visitor who has shown no token. */
  isNew: boolean;
  /** True where they should be given a token: they have none, or an old one. */
  wantsToken: boolean;
};

type Parts = {
  readers: Pick<Readers, 'visitors' | 'users'>;
  transact: Transact;
  clock: Clock;
  visitorTokens: VisitorTokens;
  userTokens: UserTokenVerifier;
};

/**
 * Who is behind a page's request: the user that a user token names, else the visitor that a visitor token proves, else
 * somebody new. With both tokens the visitor's current conversation becomes the user's. Throws invalid_visitor_token and invalid_user_token.
 */
export const identifyVisitor = async (parts: Parts, page: Page, shown: ShownTokens): Promise<Visitor> => {
  const { workspaceId, botId } = page;
  const now = parts.clock();
  const proved =
    shown.visitorToken === null ? null : parts.visitorTokens.verify(shown.visitorToken, { workspaceId, botId, now });
  if (shown.userToken === null) {
    const visitorId = proved?.visitorId ?? newVisitorId();
    return {
      principal: await principalOf(parts, page, { visitorId, userId: visitorId, isNew: proved === null }),
      isNew: proved === null,
      wantsToken: proved?.stale ?? true,
    };
  }
  const { user, known } = await parts.userTokens.verify(shown.userToken, page);
  if (!known && user.traits) {
    await keepTraits(parts, { workspaceId, mode: 'live', userId: user.userId }, user.traits);
  }
  if (proved) await handOver(parts, { workspaceId, botId, visitorId: proved.visitorId }, user.userId);
  const visitorId = visitorIdOf(botId, user.userId);
  return {
    principal: await principalOf(parts, page, { visitorId, userId: user.userId, isNew: false }),
    isNew: false,
    wantsToken: false,
  };
};

/** A token brings the same traits with every request: written is what has changed. */
const keepTraits = async (parts: Parts, place: UserPlace, traits: Traits): Promise<void> => {
  const known = await parts.readers.users.find(place);
  if (known && Object.entries(traits).every(([name, value]) => known.traits[name] === value)) return;
  await parts.transact((writers) => noteTraits(writers.users, place, { change: traits, at: parts.clock() }));
};

/** Once: afterwards the visitor has no conversation any more, and what is the user's no visitor token opens. */
const handOver = async (parts: Parts, place: VisitorPlace, userId: string): Promise<void> => {
  if (!(await parts.readers.visitors.hasCurrentConversation(place))) return;
  await parts.transact((writers) => writers.visitors.handOver(place, { userId, at: parts.clock() }));
};

const principalOf = async (
  { readers }: Parts,
  { workspaceId, keyId, botId }: Page,
  { visitorId, userId, isNew }: { visitorId: string; userId: string; isNew: boolean },
): Promise<VisitorPrincipal> => ({
  kind: 'visitor',
  workspaceId,
  keyId,
  visitorId,
  userId,
  userIds: new Set(isNew ? [userId] : await readers.visitors.listPersonIds(workspaceId, userId)),
  mode: 'live',
  scopes: new Set(publishableScopes),
  botIds: new Set([botId]),
});
