import { domainToASCII } from 'node:url';
import { normalForm } from '../knowledge/normal-form.ts';

/**
 * An address as it is stored and compared: without blanks around it, in lower case, its domain in ASCII. Mail servers may
 * tell `A@` from `a@`; people do not, and none of today's does.
 */
export const normaliseEmail = (email: string): string => {
  const trimmed = normalForm(email.trim(), 'NFC').toLowerCase();
  const at = trimmed.lastIndexOf('@');
  const domain = trimmed.slice(at + 1);
  return `${trimmed.slice(0, at)}@${domainToASCII(domain) || domain}`;
};
