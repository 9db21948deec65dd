import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const prefix = 'whsec_';
/** Standard Webhooks asks for 24 to 64 bytes. */
const secretBytes = 32;

export const makeWebhookSecret = (): string => prefix + randomBytes(secretBytes).toString('base64');

/**
 * The headers that sign a payload, as Standard Webhooks has them
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): one signature for each
 * secret that is good, over `id.timestamp.body`.
 */
export const signPayload = (
  body: string,
  { eventId, at, secrets }: { eventId: string; at: number; secrets: readonly string[] },
): Record<string, string> => {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map((secret) => {
    return `v1,${createHmac('sha256', keyOf(secret)).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': eventId, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
};

/** Endpoints that are told of something again and again have fewer. */
const maxKeys = 1_000;

/** Made once: an HMAC under bare bytes throws and catches two errors before it begins, which costs more than itself. */
const keys = new Map<string, KeyObject>();

const keyOf = (secret: string): KeyObject => {
  const known = keys.get(secret);
  if (known) return known;
  const key = createSecretKey(secret.slice(prefix.length), 'base64');
  if (keys.size >= maxKeys) keys.clear();
  keys.set(secret, key);
  return key;
};
