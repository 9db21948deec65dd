import { hash, randomBytes } from 'node:crypto';

const prefix = 'prl_inv_';
const tokenBytes = 32;
const form = /^prl_inv_[\w-]{43}$/;

/** A new token of 256 random bits. It is shown once and kept nowhere. */
export const makeInvitationToken = (): string => prefix + randomBytes(tokenBytes).toString('base64url');

/** False for what cannot be a token, which is then not looked for. */
export const isInvitationToken = (text: string): boolean => form.test(text);

/** What is stored of a token. It needs no key: nobody guesses 256 random bits. */
export const hashInvitationToken = (token: string): string => hash('sha256', token, 'base64url');
