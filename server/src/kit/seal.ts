import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/**
 * Authenticated encryption of small values at rest: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits.
 *
 * A sealed value is: version (1 byte), key id (4 bytes, big endian), nonce (12), ciphertext, tag (16). Version and key id
 * are authenticated together with `context`, which says where the value belongs (`workspace|table|row|column`): a value
 * moved to another place does not open.
 */

/** The keys by their ids, of 32 bytes each; `current` seals, all of them open. */
export type Keyring = { current: number; keys: ReadonlyMap<number, Uint8Array> };

const version = 1;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 5;

/** Thrown for everything that does not open, without saying why to whoever tampers. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const keyOf = (ring: Keyring, id: number): Uint8Array => {
  const key = ring.keys.get(id);
  if (key?.length !== keyBytes) throw new SealError(`there is no key ${id} of ${keyBytes} bytes`);
  return key;
};

const authenticated = (header: Uint8Array, context: string): Buffer =>
  Buffer.concat([header, Buffer.from(context, 'utf8')]);

export const seal = (ring: Keyring, plaintext: Uint8Array | string, context: string): Buffer => {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(version, 0);
  header.writeUInt32BE(ring.current, 1);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ring, ring.current), nonce, { authTagLength: tagBytes });
  cipher.setAAD(authenticated(header, context));
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plaintext)), cipher.final()]);
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]);
};

/** The plaintext; throws SealError where the value was changed, belongs elsewhere, or its key is gone. */
export const open = (ring: Keyring, sealed: Uint8Array, context: string): Buffer => {
  const bytes = Buffer.from(sealed);
  if (bytes.length < headerBytes + nonceBytes + tagBytes) throw new SealError('the sealed value is too short');
  if (bytes.readUInt8(0) !== version) throw new SealError('the sealed value has another version');
  const header = bytes.subarray(0, headerBytes);
  const nonce = bytes.subarray(headerBytes, headerBytes + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ring, bytes.readUInt32BE(1)), nonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(authenticated(header, context));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headerBytes + nonceBytes, -tagBytes)), decipher.final()]);
  } catch {
    throw new SealError('the sealed value does not open here');
  }
};
