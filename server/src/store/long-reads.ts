import type { Kysely } from 'kysely';
import { ParleyError } from '../core/error.ts';
import { Gate } from '../kit/gate.ts';
import type { Schema } from './schema.ts';

/**
 * Where reads go that may take long: in the turn of the workspace for which they are made, or of the installation (null).
 */
export type LongReads = (workspaceId: string | null) => Kysely<Schema>;

/**
 * What runs at once and may wait, of all and of one workspace. They are long by nature: a longer line would only be answered
 * after its callers had left. One workspace never has all places, so that its searches hold up nobody's reports.
 */
const limits = { places: 2, placesOfOne: 1, waiting: 64, waitingOfOne: 16 };

/** Long reads at once, each of which wants a thread or a connection of its own. */
export const longReadPlaces = limits.places;

export const longReadGate = (): Gate =>
  new Gate(
    limits,
    () => new ParleyError('overloaded', 'Too many searches and reports run already.', { retryAfterSeconds: 5 }),
  );

/** The line of what no workspace has asked for. */
export const longReadOwner = (workspaceId: string | null): string => workspaceId ?? '';
