import type { Clock } from '../../kit/clock.ts';
import type { Outbound } from '../../kit/outbound/outbound.ts';
import { OutboundError } from '../../kit/outbound/outbound-error.ts';
import type { OutboundAnswer } from '../../kit/outbound/post-exchange.ts';
import type { EncryptedSecretReader } from '../access/encrypted-secret-store.ts';
import type { Destination } from './event-queue.ts';
import { loadSubject, type SubjectReaders } from './load-subject.ts';
import { nextAttemptAt } from './retry-schedule.ts';
import { signPayload } from './sign-payload.ts';
import type { AttemptResult, ClaimedDelivery, DeliveryError } from './webhook-delivery.ts';
import type { WebhookEndpoint, WebhookEndpointReader } from './webhook-endpoint.ts';
import type { WebhookEvent } from './webhook-event.ts';

/** For connecting, sending and the answer's first line; Standard Webhooks recommends 15 to 30 s. */
export const attemptTimeoutMs = 15_000;

export type AttemptParts = {
  readers: SubjectReaders & {
    webhookEndpoints: Pick<WebhookEndpointReader, 'find'>;
    encryptedSecrets: EncryptedSecretReader;
  };
  outbound: Outbound;
  clock: Clock;
  random: () => number;
  /** The payload as JSON. */
  present: (event: WebhookEvent) => string;
};

/** How an attempt ended; with the endpoint where there is one, and whether it said that it is gone for good. */
export type Attempt = { result: AttemptResult; endpoint: WebhookEndpoint | null; gone: boolean };

/** Null where it is no more. */
export type PreparedEndpoint = Destination | null;

/** For the deliveries that are attempted together: of each endpoint it is read once. */
export const prepareEndpoint = async (
  { readers, clock }: Pick<AttemptParts, 'readers' | 'clock'>,
  { workspaceId, endpointId }: Pick<ClaimedDelivery, 'workspaceId' | 'endpointId'>,
): Promise<PreparedEndpoint> => {
  const endpoint = await readers.webhookEndpoints.find(workspaceId, endpointId);
  return endpoint && { endpoint, secrets: await secretsOf(readers, endpoint, clock()) };
};

/**
 * Sends one delivery once. The payload is made now, of what there is now: nothing of it is stored, and what was deleted
 * since is not told. Never throws for what the far side does.
 */
export const attemptDelivery = async (
  parts: AttemptParts,
  delivery: ClaimedDelivery,
  prepared: PreparedEndpoint,
): Promise<Attempt> => {
  const { readers, clock } = parts;
  const loaded = await loadSubject(readers, delivery);
  // a test may be sent to an endpoint that is not in use yet
  if (!prepared || (prepared.endpoint.status === 'disabled' && delivery.type !== 'webhook.test')) {
    return notSent('failed', 'endpoint_disabled', { at: clock(), endpoint: prepared?.endpoint ?? null });
  }
  if (!loaded) return notSent('dropped', 'subject_deleted', { at: clock(), endpoint: prepared.endpoint });
  const { type, workspaceId, eventAt: at } = delivery;
  return sendPayload(parts, {
    delivery,
    destination: prepared,
    body: parts.present({ type, workspaceId, at, ...loaded }),
  });
};

/** An attempt that came to nothing before anything was sent. */
export const notSent = (
  status: 'failed' | 'dropped',
  error: DeliveryError,
  { at, endpoint }: { at: number; endpoint: WebhookEndpoint | null },
): Attempt => ({
  result: { status, nextAttemptAt: null, at, responseStatus: null, durationMs: null, error },
  endpoint,
  gone: false,
});

/** Signs a payload, sends it once, and judges the answer. Never throws for what the far side does. */
export const sendPayload = async (
  parts: Pick<AttemptParts, 'outbound' | 'clock' | 'random'>,
  { delivery, destination, body }: { delivery: ClaimedDelivery; destination: Destination; body: string },
): Promise<Attempt> => {
  const { endpoint, secrets } = destination;
  const headers = signPayload(body, { eventId: delivery.eventId, at: parts.clock(), secrets });
  return judge(parts, { delivery, endpoint }, await post(parts, { url: endpoint.url, headers, body }));
};

type Outcome = {
  response: OutboundAnswer | null;
  error: DeliveryError | null;
  startedAt: number;
  durationMs: number;
};

const post = async (
  { outbound, clock }: Pick<AttemptParts, 'outbound' | 'clock'>,
  message: { url: string; headers: Record<string, string>; body: string },
): Promise<Outcome> => {
  const startedAt = clock();
  const begun = performance.now();
  const outcome = (response: OutboundAnswer | null, error: DeliveryError | null): Outcome => ({
    response,
    error,
    startedAt,
    durationMs: Math.round(performance.now() - begun),
  });
  try {
    const { headers, body } = message;
    const response = await outbound.post(message.url, { headers, body, timeoutMs: attemptTimeoutMs });
    return outcome(response, response.status >= 200 && response.status < 300 ? null : 'http_status');
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return outcome(null, error.kind === 'aborted' ? 'broken' : error.kind);
  }
};

const judge = (
  { clock, random }: Pick<AttemptParts, 'clock' | 'random'>,
  { delivery, endpoint }: { delivery: ClaimedDelivery; endpoint: WebhookEndpoint },
  { response, error, startedAt, durationMs }: Outcome,
): Attempt => {
  const gone = response?.status === 410;
  const at = clock();
  const next =
    error === null || gone
      ? null
      : nextAttemptAt(delivery, { at, retryAfterMs: response && retryAfterOf(response, at), random });
  const status = error === null ? 'delivered' : next === null ? 'failed' : 'pending';
  const responseStatus = response?.status ?? null;
  return { result: { status, nextAttemptAt: next, at: startedAt, responseStatus, durationMs, error }, endpoint, gone };
};

/** Where an answer says when to come back (RFC 9110, 10.2.3); only with the statuses that mean it. */
const retryAfterOf = ({ status, retryAfter: value }: OutboundAnswer, now: number): number | null => {
  if ((status !== 429 && status !== 503) || value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date - now;
};

/** The newest, and while a rotation lasts the one before it. */
const maxSigningSecrets = 2;

const secretsOf = async (
  { encryptedSecrets }: AttemptParts['readers'],
  { workspaceId, id }: WebhookEndpoint,
  now: number,
): Promise<string[]> => {
  const known = await encryptedSecrets.list(workspaceId, { purpose: 'webhook_secret', subjectId: id });
  const good = known.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).slice(0, maxSigningSecrets);
  const values = await Promise.all(good.map((secret) => encryptedSecrets.reveal(workspaceId, secret.id)));
  return values.filter((value) => value !== null);
};
