import type { Outbound } from '../../kit/outbound/outbound.ts';
import { ParleyError } from '../error.ts';

/** What of the guarded fetch judges an address. */
export type CallableAddress = Pick<Outbound, 'problemOf' | 'isAllowed'>;

/** https, unless the operator has listed the origin: what is signed is still readable on its way. Throws invalid_request. */
export const checkEndpointUrl = (url: string, address: CallableAddress): void => {
  const problem =
    address.problemOf(url) ??
    (url.toLowerCase().startsWith('https:') || address.isAllowed(url) ? null : 'the address must begin with https://');
  if (problem !== null)
    throw new ParleyError('invalid_request', `\`url\` cannot be used: ${problem}.`, { param: 'url' });
};
