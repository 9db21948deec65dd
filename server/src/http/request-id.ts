import type { IncomingMessage } from 'node:http';
import { newId } from '../kit/id.ts';

/** What is taken over from outside goes into logs and answers: short, and nothing that could break out of a line. */
const sane = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** The caller's `x-request-id` where it is of sane form, else a new one. */
export const requestIdOf = (request: Pick<IncomingMessage, 'headers'>): string => {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && sane.test(given) ? given : newId('req');
};
