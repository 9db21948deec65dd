import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { ChatModel, ChatModelRequest } from '../../src/core/turn/chat-model.ts';
import { type Asked, askModel } from '../ask-model.ts';
import { FaultProvider } from '../fault-provider.ts';
import type { ClientRow } from './client-row.ts';

export const faultKey = 'sk-canary-4711-secret';

/** One provider for a suite, and a client of its own for each test. */
export type FaultSetup = {
  readonly provider: FaultProvider;
  readonly client: ChatModel;
  /** What a caller saw of one request; that nothing came after its end is looked at when the test is over. */
  ask(request?: ChatModelRequest, onText?: (piece: string) => void): Promise<Asked>;
};

/** Called inside of a `describe`. */
export const setUpFaults = (row: ClientRow): FaultSetup => {
  let provider: FaultProvider;
  let client: ChatModel;
  let asked: Asked[] = [];
  beforeAll(async () => {
    provider = await FaultProvider.start();
  });
  afterAll(() => provider.stop());
  beforeEach(() => {
    asked = [];
    client = row.create({ baseUrl: provider.url, key: faultKey });
  });
  afterEach(async () => {
    expect(asked.flatMap(({ late }) => late)).toEqual([]);
    await client.close();
  });
  return {
    get provider() {
      return provider;
    },
    get client() {
      return client;
    },
    async ask(request, onText) {
      const result = await askModel(client, request, onText);
      asked.push(result);
      return result;
    },
  };
};
