import { Requests } from '../lists/requests.ts';
import { question } from '../lists/workload.ts';
import { type ParleyProcess, startParley } from '../parley-process.ts';
import type { Place } from './place.ts';

/** What the first start in a place gives. */
export type Account = { key: string; botId: string };

export type TurnRequest = { user_id?: string; conversation_id?: string; new_conversation?: boolean };

/** A server on a place, with one account. */
export class Served {
  readonly parley: ParleyProcess;
  readonly account: Account;
  readonly #requests: Requests;
  #calls = 0;
  readonly #run = Math.random().toString(36).slice(2);

  private constructor(parley: ParleyProcess, account: Account, requests: Requests) {
    this.parley = parley;
    this.account = account;
    this.#requests = requests;
  }

  static async start(place: Place, env: Record<string, string>, account?: Account): Promise<Served> {
    const parley = await startParley({ dataDir: place.dataDir, env: { ...env, ...place.env } });
    const key = account?.key ?? parley.firstKey ?? '';
    const requests = new Requests(parley.url, key);
    const body = { name: 'Growth', model: 'mock/mock-1' };
    const botId =
      account?.botId ?? (await requests.send<{ id: string }>({ method: 'POST', path: '/v1/bots', body })).id;
    return new Served(parley, { key, botId }, requests);
  }

  /** A turn to its end; gives its id and how long it took, in milliseconds. */
  async turn(request: TurnRequest): Promise<{ id: string; elapsedMs: number }> {
    const startedAt = performance.now();
    const { id } = await this.#send<{ id: string }>(request);
    return { id, elapsedMs: performance.now() - startedAt };
  }

  /** A streamed turn, read to its end. */
  async streamTurn(request: TurnRequest): Promise<void> {
    await this.#send({ ...request, stream: true });
  }

  /** With an Idempotency-Key of its own. */
  #send<Answer>(request: object): Promise<Answer> {
    return this.#requests.send<Answer>({
      method: 'POST',
      path: '/v1/chat',
      headers: { 'idempotency-key': `${this.#run}-${this.#calls++}` },
      body: { bot_id: this.account.botId, message: question, ...request },
    });
  }

  async stop(): Promise<void> {
    await this.#requests.close();
    await this.parley.stop();
  }
}
