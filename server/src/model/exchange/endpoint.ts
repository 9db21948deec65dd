/** Where a provider takes requests, and the headers every request to it carries. */
export type Endpoint = {
  origin: string;
  /** With the query of the configured URL. */
  path: string;
  /** Names and values in turn, as undici takes them fastest. */
  headers: string[];
};
