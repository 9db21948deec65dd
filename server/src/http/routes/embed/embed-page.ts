import { z } from 'zod';
import { findPublishableKey } from '../../../core/access/find-publishable-key.ts';
import { notFound } from '../../../core/error.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { fillTemplate, loadPageFile, pagePolicy } from '../../embed-page/page.ts';
import type { RouteParts } from '../../route-parts.ts';

const embedParams = z.strictObject({
  key: z
    .string()
    .regex(/^(?:prl_pub_|key_)\w{1,100}$/, { error: 'must be a publishable key, or its id' })
    .describe('A publishable key, or its id.'),
});

/** The chat as a page, to be framed by the pages that the key allows. */
export const embedPageRoute = ({
  readers,
  clock,
  visitors,
}: Pick<RouteParts, 'readers' | 'clock' | 'visitors'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/embed/:key',
    operationId: 'readEmbedPage',
    summary: 'The chat as a page to be framed',
    description:
      'For an `iframe` on a page that the key allows: browsers show it nowhere else (`frame-ancestors`). It holds a token of ten minutes that stands for the proof of origin.',
    tag: 'Chat',
    access: 'public',
    params: embedParams,
    replies: { 200: z.string().describe('A web page.') },
    otherContent: { 200: ['text/html'] },
    errors: ['not_found', 'rate_limited'],
    handler: async ({ params, raw }) => {
      await visitors.admitAddress(raw.request);
      const now = clock();
      const { key, secret } = await findPublishableKey(readers.keys, params.key, now);
      const [botId = ''] = key.botIds ?? [];
      const bot = await readers.bots.find(key.workspaceId, botId);
      if (!bot) throw notFound('bot');
      const { token } = visitors.embedTokens.issue(key.id, now);
      const template = await loadPageFile('chat.html');
      // where it may be framed is said by the policy, which this older header would contradict
      raw.removeHeader('x-frame-options');
      return {
        status: 200,
        body: fillTemplate(template, { name: bot.config.name, key: secret, keyId: key.id, embedToken: token }),
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': pagePolicy(key.allowedOrigins),
          // with `no-referrer` the page's own requests would have the origin `null`
          'referrer-policy': 'same-origin',
        },
      };
    },
  });

export const embedScriptRoute = (): Route =>
  assetRoute({ file: 'chat.js', operationId: 'readEmbedScript', type: 'text/javascript' });

export const embedConnectionRoute = (): Route =>
  assetRoute({ file: 'connection.js', operationId: 'readEmbedConnection', type: 'text/javascript' });

export const embedStyleRoute = (): Route =>
  assetRoute({ file: 'chat.css', operationId: 'readEmbedStyle', type: 'text/css' });

const assetRoute = (asset: {
  file: 'chat.js' | 'connection.js' | 'chat.css';
  operationId: string;
  type: string;
}): Route =>
  defineRoute({
    method: 'GET',
    path: `/embed/${asset.file}`,
    operationId: asset.operationId,
    summary: 'A part of the embedded page',
    tag: 'Chat',
    access: 'public',
    hidden: true,
    replies: { 200: z.string() },
    otherContent: { 200: [asset.type] },
    errors: [],
    handler: async () => ({
      status: 200,
      body: await loadPageFile(asset.file),
      headers: { 'content-type': `${asset.type}; charset=utf-8`, 'cache-control': 'no-cache' },
    }),
  });
