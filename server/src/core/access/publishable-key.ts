import { ParleyError } from '../error.ts';
import type { KeyType } from './key.ts';
import { isAllowableOrigin } from './origin.ts';
import type { Scope } from './scope.ts';

/** The one thing that a publishable key may do. */
export const publishableScopes: readonly Scope[] = ['chat'];

/** Pages of one site and its languages, staging included; each is compared with every request. */
const maxAllowedOrigins = 20;

type Wanted = {
  type: KeyType;
  scopes: readonly Scope[];
  botIds: readonly string[] | null;
  allowedOrigins?: readonly string[];
};

const refuse = (param: string, detail: string): never => {
  throw new ParleyError('invalid_request', detail, { param });
};

/**
 * Holds a publishable key to what makes it safe to show: one bot, pages by their exact origin, and chat alone. Other keys
 * have no origins. Throws invalid_request.
 */
export const assertPublishable = ({ type, scopes, botIds, allowedOrigins = [] }: Wanted): void => {
  if (type !== 'publishable') {
    if (allowedOrigins.length > 0) refuse('allowed_origins', '`allowed_origins` is for publishable keys alone.');
    return;
  }
  if (scopes.some((scope) => scope !== 'chat')) {
    refuse('scopes', 'A publishable key may only chat: leave `scopes` out, or send ["chat"].');
  }
  if (botIds?.length !== 1) refuse('bot_ids', 'A publishable key is for exactly one bot: send one id in `bot_ids`.');
  if (allowedOrigins.length === 0 || allowedOrigins.length > maxAllowedOrigins) {
    refuse('allowed_origins', `A publishable key names 1 to ${maxAllowedOrigins} origins in \`allowed_origins\`.`);
  }
  for (const [at, origin] of allowedOrigins.entries()) {
    if (isAllowableOrigin(origin)) continue;
    refuse(
      `allowed_origins.${at}`,
      'Each must be an exact origin as browsers send it, like https://shop.example or http://localhost:3000: ' +
        'https (http for localhost alone), lower case, no path, no wildcard, no port that the scheme implies.',
    );
  }
};
