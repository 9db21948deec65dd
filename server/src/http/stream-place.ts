import { ParleyError } from '../core/error.ts';

/** How far a reader has come in a turn's events: in which attempt, and how many of them. */
export type StreamPlace = { attempt: number; n: number };

/** The id of the event that leads to a place, as it is sent and comes back. */
export const eventIdOf = ({ attempt, n }: StreamPlace): string => `${attempt}-${n}`;

/** Reads `Last-Event-ID` or `?after=`. Throws invalid_request. */
export const parseStreamPlace = (value: string): StreamPlace => {
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(value);
  if (!match) {
    throw new ParleyError('invalid_request', 'An event id has the form `<attempt>-<n>`, like `1-12`.', {
      param: 'after',
    });
  }
  return { attempt: Number(match[1]), n: Number(match[2]) };
};
