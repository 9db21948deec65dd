import type { Keyring } from '../kit/seal.ts';
import { openSecret } from './encrypted-secret-store-sql.ts';

/** Secrets of endpoints that are told of something again and again. */
const maxOpened = 1_000;

type SealedSecret = Parameters<typeof openSecret>[1];

/** Remembers what sealed values held, by the values: opening one costs as much as all else that is read of an endpoint. */
export class OpenedSecrets {
  readonly #known = new Map<string, { place: string; ciphertext: Uint8Array; secret: string }>();

  /** As `openSecret`. */
  open(ring: Keyring, row: SealedSecret): string {
    const known = this.#known.get(row.id);
    // a value that was moved to another workspace must not open there
    if (known?.place === row.workspace_id && Buffer.compare(known.ciphertext, row.ciphertext) === 0)
      return known.secret;
    const secret = openSecret(ring, row);
    if (this.#known.size >= maxOpened) this.#known.clear();
    this.#known.set(row.id, { place: row.workspace_id, ciphertext: row.ciphertext, secret });
    return secret;
  }
}
