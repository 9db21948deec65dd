/**
 * - `invalid`: the address itself, as it is written, may not be called.
 * - `unreachable`: its name is not known, leads to where nothing may be called, or nobody answers there. Which of them is
 *   not told: the difference would describe a network that is not the caller's.
 * - `insecure`: a server with a public address has no valid certificate.
 * - `timeout`: no whole answer within the time.
 * - `too_large`: the answer is longer than allowed.
 * - `broken`: the connection was lost, or what came is no HTTP.
 * - `redirected`: it leads on more often than allowed.
 * - `aborted`: the caller gave up.
 */
export type OutboundErrorKind =
  | 'invalid'
  | 'unreachable'
  | 'insecure'
  | 'timeout'
  | 'too_large'
  | 'broken'
  | 'redirected'
  | 'aborted';

const sentences: Readonly<Record<Exclude<OutboundErrorKind, 'invalid'>, string>> = {
  unreachable: 'the address cannot be reached or may not be called',
  insecure: 'the server has no valid certificate for its name',
  timeout: 'no answer within the time allowed',
  too_large: 'the answer is too large',
  broken: 'the connection was lost or the answer is no HTTP',
  redirected: 'the server leads elsewhere, which is not followed',
  aborted: 'the call was given up',
};

/**
 * Why a call to an address of a tenant gave no answer. The message may be shown to that tenant: it names no address, no
 * port and nothing of what stands behind. What does is in `cause`, for the operator.
 */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly kind: OutboundErrorKind;

  constructor(kind: OutboundErrorKind, options: { message?: string; cause?: unknown } = {}) {
    super(options.message ?? (kind === 'invalid' ? 'the address may not be called' : sentences[kind]), {
      cause: options.cause,
    });
    this.kind = kind;
  }
}
