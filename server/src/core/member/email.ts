import { domainToASCII } from 'node:url';

/**
 * An address as it is stored and compared: without blanks around it, in lower case, its domain in ASCII. Mail servers may
 * tell `A@` from `a@`; people do not, and none of today's does.
 */
export const normaliseEmail = (email: string): string => {
  const trimmed = email.trim().normalize('NFC').toLowerCase();
  const at = trimmed.lastIndexOf('@');
  const domain = trimmed.slice(at + 1);
  return `${trimmed.slice(0, at)}@${domainToASCII(domain) || domain}`;
};
