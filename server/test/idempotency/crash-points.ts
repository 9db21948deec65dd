import type { ApiClient } from '../api-client.ts';
import type { ProviderCall } from '../scripted-provider.ts';

/** What a point can see of the first call. */
export type Underway = {
  client: ApiClient;
  /** Requests to the model so far. */
  asked: () => number;
  /** Of the only turn there is, once there is one. */
  turnId: () => Promise<string | null>;
  ended: Promise<unknown>;
};

/** Where the server dies under the first call with a key, and what the second one must come to. */
export type CrashPoint = {
  /** What the model does while the first call is under way. */
  script: (call: ProviderCall) => void;
  /** Resolves when the server has come to the point, where it is then killed. */
  reached: (first: Underway) => Promise<void>;
  /** Whether the first call had made a turn. */
  accepted: boolean;
  /** Of the turn, once the second call is answered. */
  status: 'completed' | 'interrupted';
  /** Its text. */
  content: string;
  /** Requests to the model, by both servers. */
  asked: number;
  charged: number;
};

/** What the model says to a server that was started since. */
export const lateReply = 'Here it is.';
const earlyReply = 'Once and only once.';

const waitMs = 60_000;

/** Resolves once `isSo` holds. */
const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  const giveUpAt = performance.now() + waitMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error('the crash point was not reached');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
};

export const crashPoints = {
  'before the model has answered': {
    script: () => undefined,
    reached: ({ asked }) => until(() => asked() === 1),
    accepted: true,
    status: 'completed',
    content: lateReply,
    asked: 2,
    charged: 1,
  },
  'in the middle of the reply, some of it stored': {
    script: (call) => call.say('Half of it'),
    // stored text has its receipt with it
    reached: ({ client, turnId }) =>
      until(async () => (await client.send('GET', `/v1/turns/${await turnId()}/context`)).status === 200),
    accepted: true,
    status: 'interrupted',
    content: 'Half of it',
    asked: 1,
    charged: 0,
  },
  'behind the answer': {
    script: (call) => {
      call.say(earlyReply);
      call.end();
    },
    reached: async ({ ended }) => void (await ended),
    accepted: true,
    status: 'completed',
    content: earlyReply,
    asked: 1,
    charged: 1,
  },
} satisfies Record<string, CrashPoint>;

export type CrashPointName = keyof typeof crashPoints;
