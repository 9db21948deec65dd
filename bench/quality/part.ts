import type { QualityServer } from './quality-server.ts';

export type StoreName = 'sqlite' | 'postgres';

/** A figure of a part, beside what plain ways reach and what is aimed at; null where there is no such figure. */
export type QualityRow = {
  what: string;
  baseline: number | null;
  reach: number | null;
  got: number;
  /** What was asked, or counted. */
  n: number;
  /** True where less is better. */
  atMost?: boolean;
};

/** Where a part is measured: a store, and servers on it. */
export type QualityPlace = {
  store: StoreName;
  /** The folder of the test sets. */
  data: string;
  /** A new server on a new, empty database of the store; it is stopped with the measurement at the latest. */
  serve: (env?: Record<string, string>) => Promise<QualityServer>;
  /** Notes what went wrong, to be read by whoever wants to know why. */
  miss: (missed: Missed) => void;
};

/** A question whose right paragraph did not come first; -1 where it did not come at all. */
export type Missed = { set: string; question: string; right: string; first: string | null; place: number };

/** Something that is measured, with a place of its own on the page. */
export type QualityPart = {
  /** As `--parts` names it, and the page's markers. */
  name: string;
  /** The same on every store: no clock and no chance in it. */
  run: (place: QualityPlace) => Promise<QualityRow[]>;
};
