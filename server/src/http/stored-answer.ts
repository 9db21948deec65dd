import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { StoredResponse } from '../core/idempotency/idempotency-store.ts';
import type { RouteReply } from './define-route.ts';

/** AES-256-GCM: a nonce and a tag stand before the ciphertext. */
const nonceBytes = 12;
const tagBytes = 16;

/**
 * An answer as it is kept for a repeated request: headers and body as JSON. One that shows a secret is encrypted under a
 * key derived from the Idempotency-Key and the installation's own: what is in the database, where the Idempotency-Key is a
 * hash, opens nothing.
 */
export type AnswerSecret = {
  idempotencyKey: string;
  /** The first seals, all of them open: while the master secret is replaced there are two. */
  installationKeys: readonly [Buffer, ...Buffer[]];
};

/** `secret`: null for an answer that may be read by whoever reads the database. `subjectId`: what it is deleted with. */
export const storeAnswer = (
  reply: RouteReply,
  { secret, subjectId }: { secret: AnswerSecret | null; subjectId: string | null },
): StoredResponse => {
  const plain = Buffer.from(JSON.stringify({ headers: reply.headers ?? {}, body: reply.body }));
  return {
    status: reply.status,
    body: secret === null ? plain : seal(plain, secret),
    sealed: secret !== null,
    subjectId,
  };
};

export const restoreAnswer = (stored: StoredResponse, secret: AnswerSecret): RouteReply => {
  const plain = stored.sealed ? open(stored.body, secret) : Buffer.from(stored.body);
  const { headers, body } = JSON.parse(plain.toString('utf8')) as Pick<RouteReply, 'headers' | 'body'>;
  return { status: stored.status, body, headers: headers ?? {} };
};

const deriveKey = (idempotencyKey: string, installationKey: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', idempotencyKey, installationKey, 'parley stored answer', 32));

const seal = (plain: Buffer, secret: AnswerSecret): Buffer => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(secret.idempotencyKey, secret.installationKeys[0]), nonce);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
};

const open = (sealed: Uint8Array, { idempotencyKey, installationKeys }: AnswerSecret): Buffer => {
  for (const [at, installationKey] of installationKeys.entries()) {
    try {
      return openUnder(deriveKey(idempotencyKey, installationKey), Buffer.from(sealed));
    } catch (error) {
      if (at === installationKeys.length - 1) throw error;
    }
  }
  throw new Error('there is no key to open a stored answer with');
};

const openUnder = (key: Buffer, bytes: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
};
