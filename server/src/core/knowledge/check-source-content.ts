import type { Outbound } from '../../kit/outbound/outbound.ts';
import { ParleyError } from '../error.ts';
import { normaliseUrl } from './page-url.ts';
import type { SourceContent } from './source.ts';

/** What the operator sets. */
export type SourceLimits = { maxFileBytes: number; maxPages: number };

export type SourceRules = { address: Pick<Outbound, 'problemOf'>; limits: SourceLimits };

/** The content with its URL in the spelling of pages. Throws invalid_request. */
export const checkSourceContent = (content: SourceContent, { address, limits }: SourceRules): SourceContent => {
  if (!('url' in content)) return content;
  if ('maxPages' in content && content.maxPages > limits.maxPages) {
    throw new ParleyError('invalid_request', `\`max_pages\` is at most ${limits.maxPages} on this server.`, {
      param: 'max_pages',
    });
  }
  // as it is written first: what two readers take for two addresses is refused, and not tidied
  const url = address.problemOf(content.url) === null ? normaliseUrl(content.url) : null;
  const problem = address.problemOf(url ?? content.url);
  if (url === null || problem !== null) {
    throw new ParleyError(
      'invalid_request',
      `\`url\` cannot be used: ${problem ?? 'it is no address of a web page'}.`,
      {
        param: 'url',
      },
    );
  }
  return { ...content, url };
};
