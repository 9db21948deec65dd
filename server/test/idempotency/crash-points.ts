import type { FailpointName } from '../../src/kit/failpoint.ts';
import type { ProviderCall } from '../scripted-provider.ts';

/** Where the server dies under the first call with a key, and what the second one must come to. */
export type CrashPoint = {
  /** What the model does while the first call is under way. */
  script: (call: ProviderCall) => void;
  /**
   * The name at which the server kills itself; or resolves when it has come to a point in somebody else's hands, where it
   * is then killed. `asked` gives the requests to the model so far.
   */
  reached: FailpointName | ((asked: () => number) => Promise<void>);
  /** Whether the first call had made a turn. */
  accepted: boolean;
  /** Of the turn, once the second call is answered. */
  status: 'completed' | 'interrupted';
  /** Its text. */
  content: string;
  /** Requests to the model, by both servers: at least and at most. */
  asked: readonly [number, number];
  charged: number;
};

/** What the model says to a server that was started since. */
export const lateReply = 'Here it is.';
const earlyReply = 'Once and only once.';

const waitMs = 60_000;

/** Resolves once `isSo` holds. */
const until = async (isSo: () => boolean): Promise<void> => {
  const giveUpAt = performance.now() + waitMs;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error('the crash point was not reached');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
};

const sayEarly = (call: ProviderCall): void => {
  call.say(earlyReply);
  call.end();
};

/** The turn is run again by the server that was started since. */
const runAgain = { accepted: true, status: 'completed', content: lateReply, charged: 1 } as const;

export const crashPoints = {
  'before the model has answered': {
    ...runAgain,
    script: () => undefined,
    reached: (asked) => until(() => asked() === 1),
    asked: [2, 2],
  },
  'before T1 is committed': {
    ...runAgain,
    script: sayEarly,
    reached: 'before_accept_commit',
    accepted: false,
    asked: [1, 2],
  },
  'behind T1': { ...runAgain, script: sayEarly, reached: 'after_accept_commit', asked: [1, 2] },
  'with a piece of the reply that is not stored': {
    ...runAgain,
    script: (call) => call.say('Lost'),
    reached: 'after_first_piece',
    asked: [2, 2],
  },
  'behind the first text that is stored': {
    script: (call) => call.say('Half of it'),
    reached: 'after_partial_kept',
    accepted: true,
    status: 'interrupted',
    content: 'Half of it',
    asked: [1, 1],
    charged: 0,
  },
  'before T2 is committed': { ...runAgain, script: sayEarly, reached: 'before_finish_commit', asked: [2, 2] },
  'behind T2': {
    script: sayEarly,
    reached: 'after_finish_commit',
    accepted: true,
    status: 'completed',
    content: earlyReply,
    asked: [1, 1],
    charged: 1,
  },
} satisfies Record<string, CrashPoint>;

export type CrashPointName = keyof typeof crashPoints;
