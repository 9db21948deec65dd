import { botParams } from '@parley/protocol/bot-schemas';
import {
  createSourceSchema,
  maxSourceBodyBytes,
  sourceSchema,
  uploadSourceFields,
} from '@parley/protocol/source-schemas';
import { addSource } from '../../../core/knowledge/add-source.ts';
import { checkSourceContent } from '../../../core/knowledge/check-source-content.ts';
import { maxTitleCharacters } from '../../../core/knowledge/document-limits.ts';
import { keepFile } from '../../../core/knowledge/keep-file.ts';
import type { SourceContent } from '../../../core/knowledge/source.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentSource, toSourceContent } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { UploadedFile } from '../../uploaded-file.ts';

export const createSourceRoute = ({
  clock,
  readers,
  transact,
  sources: rules,
}: Pick<RouteParts, 'clock' | 'readers' | 'transact' | 'sources'>): Route => {
  /** Under which the bytes of a file were kept, for the transaction that follows. */
  const keptAs = new WeakMap<UploadedFile, string>();
  return defineChange({
    method: 'POST',
    path: '/v1/bots/:bot_id/sources',
    operationId: 'createSource',
    summary: 'Add knowledge to a bot',
    description:
      'A text, questions with answers, a page of the web, the pages of a sitemap, or a site, as JSON; or a file (PDF, ' +
      'DOCX, HTML, Markdown, plain text, CSV) as a form. What is read of it is found page by page; all of it once its ' +
      '`status` is `ready`.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: botParams,
    body: createSourceSchema,
    bodyLimitBytes: maxSourceBodyBytes,
    upload: { fields: uploadSourceFields, maxBytes: rules.limits.maxFileBytes },
    replies: { 201: sourceSchema },
    errors: ['not_found', 'overloaded'],
    before: async ({ principal, params, file }) => {
      if (!file) return;
      const { name, mediaType, bytes } = file;
      const tools = { bots: readers.bots, transact, clock };
      keptAs.set(file, await keepFile(tools, { principal, botId: params.bot_id, name, mediaType, bytes }));
    },
    handler: async (writers, { principal, params, body, file }) => {
      const target = { principal, botId: params.bot_id };
      if (file) {
        const { name, mediaType, bytes, fields } = file;
        const content: SourceContent = { type: 'file', name, mediaType, sizeBytes: bytes.length };
        const title = fields['title'] ?? name;
        const source = { ...target, title, content, id: keptAs.get(file) ?? null };
        return { status: 201, body: presentSource(await addSource(writers, source, clock)) };
      }
      const content = checkSourceContent(toSourceContent(body, rules.limits.maxPages), rules);
      const title = body.title ?? ('url' in content ? content.url.slice(0, maxTitleCharacters) : '');
      return { status: 201, body: presentSource(await addSource(writers, { ...target, title, content }, clock)) };
    },
  });
};
