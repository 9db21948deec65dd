import { Pool } from 'undici';

export type Request = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
};

/** Sends requests on connections that stay open. Throws where an answer is no success. */
export class Requests {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;

  constructor(url: string, key: string, headers: Record<string, string> = {}) {
    this.#pool = new Pool(url);
    this.#headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers };
  }

  async send<Answer>({ method, path, body, headers = {} }: Request): Promise<Answer> {
    const response = await this.#pool.request({
      method,
      path,
      headers: { ...this.#headers, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    // streams and empty answers are read to their end, and that is all
    return (text.startsWith('{') ? JSON.parse(text) : null) as Answer;
  }

  /** How long the whole answer took, in milliseconds. */
  async time(request: Request): Promise<number> {
    const startedAt = performance.now();
    await this.send(request);
    return performance.now() - startedAt;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
