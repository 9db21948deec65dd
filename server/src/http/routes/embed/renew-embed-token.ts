import { embedTokenSchema } from '@parley/protocol/widget-schemas';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentTime } from '../../present/time.ts';
import type { RouteParts } from '../../route-parts.ts';

export const renewEmbedTokenRoute = ({ clock, visitors }: Pick<RouteParts, 'clock' | 'visitors'>): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/embed_tokens',
    operationId: 'renewEmbedToken',
    summary: 'Renew the token of an embedded page',
    description:
      'For the page at `/embed/{key}`, which shows the token it has. One that has expired cannot be renewed: the page is loaded again, and the browser asks anew whether it may be framed there. It changes nothing, and looks at no `Idempotency-Key`.',
    tag: 'Chat',
    access: { principals: ['visitor'], scope: 'chat' },
    headers: { 'parley-embed-token': 'The token that the page has.' },
    replies: { 201: embedTokenSchema },
    errors: [],
    handler: async ({ principal }) => {
      const { token, expiresAt } = visitors.embedTokens.issue(principal.keyId, clock());
      return { status: 201, body: { object: 'embed_token' as const, token, expires_at: presentTime(expiresAt) } };
    },
  });
