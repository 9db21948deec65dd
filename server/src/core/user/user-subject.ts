import type { Mode } from '../access/principal.ts';

/** What an answer that tells of a user, and is kept for repeated requests, is deleted with. */
export const userSubject = (mode: Mode, userId: string): string => `user:${mode}:${userId}`;
