import type { ErrorCode } from '@parley/protocol/error-catalogue';
import type { Cell } from './cells.ts';
import type { Mode } from './dialects.ts';
import { honestReply } from './honest-model.ts';
import { damagedReply, filteredReply, refusedReply, type ShapeName } from './shapes.ts';

/** How a turn must end whose provider failed in some shape. */
export type Outcome = {
  /** Requests to models: one, or two where a second may help and no text was given; and one more to the model that follows. */
  attempts: 1 | 2 | 3;
  /** Why it is so. */
  why: string;
} & (
  | { ends: 'failed'; code: ErrorCode; /** Whether a part of the reply had come, which is kept. */ partial: boolean }
  | {
      ends: 'completed';
      text: string;
      finishReason: 'stop' | 'content_filter';
      /** Whose count of tokens. */ counted: 'provider' | 'here';
    }
);

const failed =
  (code: ErrorCode, attempts: 1 | 2) =>
  (why: string): Outcome => ({ ends: 'failed', code, attempts, partial: false, why });

const cutOff =
  (code: ErrorCode) =>
  (why: string): Outcome => ({ ends: 'failed', code, attempts: 1, partial: true, why });

const completed = (
  why: string,
  { text = honestReply, finishReason = 'stop', counted = 'provider' }: Partial<Outcome & { ends: 'completed' }> = {},
): Outcome => ({ ends: 'completed', attempts: 1, text, finishReason, counted, why });

const rejected = failed('model_error', 1);
const unreachable = failed('model_unavailable', 2);
const nonsense = failed('model_error', 2);
/** Two waits for a first token fit into the whole time; a second wait for a whole answer does not. */
const silentStream = failed('model_timeout', 2);
const silentWhole = failed('model_timeout', 1);

/** One outcome for both modes. */
const both = (outcome: Outcome): Record<Mode, Outcome> => ({ stream: outcome, json: outcome });

const outcomes: Readonly<Record<ShapeName, Record<Mode, Outcome>>> = {
  'status 401': both(rejected('a wrong key stays wrong')),
  'status 403': both(rejected('what is forbidden stays forbidden')),
  'status 404': both(rejected('a model that is not there stays away')),
  'status 400, context too long': both(
    failed('message_too_long', 1)('the caller can shorten the message, and nobody else can do anything'),
  ),
  'status 429': both(unreachable('it may have room a moment later')),
  'status 429, retry after a second': both(unreachable('a second can be waited')),
  'status 429, retry after an hour': both(failed('model_unavailable', 1)('an hour is not waited')),
  'status 500': both(unreachable('a server may recover')),
  'status 502': both(unreachable('a gateway may find its server again')),
  'status 503': both(unreachable('it may have room a moment later')),
  'status 529': both(unreachable('it may have room a moment later')),
  'connection refused': both(unreachable('a server may be starting')),
  'name not found': both(unreachable('a name server may have hiccuped')),
  'certificate of nobody': both(unreachable('the key was not sent, and nothing was answered')),
  'silence after accepting': {
    stream: silentStream('the first token does not come'),
    json: silentWhole('the answer does not come'),
  },
  'silence after the head': {
    stream: silentStream('a head is no token'),
    json: silentWhole('a head is no answer'),
  },
  'first byte too late': {
    stream: silentStream('the limit on the first token has passed'),
    json: completed('of an answer that comes whole only its end has a limit'),
  },
  'silence after half': {
    stream: cutOff('model_timeout')('text was given: no second try, no other model'),
    json: silentWhole('half an answer is none'),
  },
  'a byte a second': {
    stream: silentStream('bytes are no token'),
    json: silentWhole('bytes are no answer'),
  },
  'reset after half': {
    stream: cutOff('model_unavailable')('text was given: no second try'),
    json: unreachable('nothing was given'),
  },
  'end after half': {
    stream: cutOff('model_unavailable')('an end without its mark is a break'),
    json: nonsense('half a JSON is none'),
  },
  'end mark missing': both(completed('the reply has said why it ends, or is whole')),
  'end mark twice': {
    stream: completed('what follows the first is no part of the reply'),
    json: nonsense('two JSON values are no answer'),
  },
  'error inside a 200': {
    stream: cutOff('model_unavailable')('text was given: no second try'),
    json: unreachable('an error by any status is one'),
  },
  'broken JSON': {
    stream: cutOff('model_error')('what cannot be understood is not guessed at'),
    json: nonsense('another try may make sense'),
  },
  'invalid UTF-8, split anywhere': both(
    completed('one letter is lost and shown as such, whole ones are not', { text: damagedReply }),
  ),
  'a line of 10 MB': {
    stream: cutOff('model_error')('a line has a limit'),
    json: nonsense('a reply has a limit'),
  },
  'mixed line ends': both(completed('the specification of event streams allows all three')),
  'signs of life alone': {
    stream: silentStream('a comment is no token'),
    json: silentWhole('a blank line is no answer'),
  },
  'another content type': both(completed('the body says what it is')),
  "a proxy's page": both(nonsense('it is no answer of a model')),
  'compressed, which nobody asked for': both(nonsense('it is not unpacked: it may be a bomb')),
  'empty reply': both(nonsense('nobody is served by no words')),
  'usage absent': both(completed('it is counted here', { counted: 'here' })),
  'usage negative': both(completed('it is counted here', { counted: 'here' })),
  'usage huge': both(completed('it is counted here', { counted: 'here' })),
  'tool call, cut': both(nonsense('no tool was offered, and no word was said')),
  refusal: both(completed('it is a reply', { text: refusedReply, finishReason: 'content_filter', counted: 'here' })),
  'content filter': both(
    completed('what came before it is the reply', {
      text: filteredReply,
      finishReason: 'content_filter',
      counted: 'here',
    }),
  ),
};

/**
 * With a model that follows, the reply is asked for as a stream, however the caller wants it: a silent model must be
 * noticed by its first word. The next one takes over what failed without a word; half a reply is never put together with
 * another.
 */
const followed = (outcome: Outcome): Outcome => {
  if (outcome.ends === 'completed' || outcome.partial) return outcome;
  return { ...completed('the next model has it'), attempts: outcome.attempts === 1 ? 2 : 3 };
};

/** The dialects do not differ. */
export const outcomeOf = ({ shape, mode, chain }: Omit<Cell, 'dialect'>): Outcome =>
  chain === 'followed' ? followed(outcomes[shape].stream) : outcomes[shape][mode];
