/** The dimensions of the matrix of Idempotency-Keys: what happened before the second call with a key, and how the two ask. */

export const modes = ['stream', 'json'] as const;
export type Mode = (typeof modes)[number];

/** What the second call meets in a server that lives. */
export const situations = [
  'first',
  'after success',
  'after a stored error',
  'while running',
  'other body',
  'other path',
  'other workspace',
  'other API key',
  'expired',
] as const;
export type Situation = (typeof situations)[number];

/** What the second call must come to. */
export type Outcome = {
  /** `same`: the turn of the first call; `new`: one of its own; `refused`: none. */
  turn: 'same' | 'new' | 'refused';
  /** Of a JSON call; a stream that begins is 200. */
  status: number;
  code: string | null;
  /** Messages charged, requests to the model and turns made, both calls together. */
  charged: number;
  asked: number;
  turns: number;
};

const once = { charged: 1, asked: 1, turns: 1 };
const twice = { charged: 2, asked: 2, turns: 2 };
const replay: Outcome = { turn: 'same', status: 200, code: null, ...once };
const apart: Outcome = { turn: 'new', status: 200, code: null, ...twice };

export const outcomes: Readonly<Record<Situation, Outcome>> = {
  first: { turn: 'new', status: 200, code: null, ...once },
  'after success': replay,
  'after a stored error': { turn: 'same', status: 502, code: 'model_error', charged: 0, asked: 1, turns: 1 },
  'while running': replay,
  'other body': { turn: 'refused', status: 422, code: 'idempotency_mismatch', ...once },
  'other path': { turn: 'new', status: 200, code: null, ...once },
  'other workspace': apart,
  'other API key': apart,
  expired: apart,
};

export type Cell = { situation: Situation; first: Mode; second: Mode };

/** Every situation with both modes of either call. */
export const cells: readonly Cell[] = situations.flatMap((situation) =>
  modes.flatMap((first) => modes.map((second) => ({ situation, first, second }))),
);
