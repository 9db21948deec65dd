import type { Page, PageRequest } from '../page.ts';
import type { Key, KeySecret } from './key.ts';

export interface KeyReader {
  /**
   * Looks in every workspace: the way in, before a workspace is known. Revoked and expired keys are found too, and
   * secrets whose overlap has ended as long as they are kept.
   */
  findForSecret(keyId: string): Promise<Key | null>;
  /** Null for revoked keys. */
  find(workspaceId: string, keyId: string): Promise<Key | null>;
  /** Without revoked keys. */
  list(workspaceId: string, page: PageRequest): Promise<Page<Key>>;
}

/** A secret by its place and its hash. */
export type HashedSecret = { workspaceId: string; keyId: string; secretId: string; hash: string };

export interface KeyStore extends KeyReader {
  insert(key: Key): Promise<void>;
  /** Adds the new secret and lets all others end at `endOthersAt`, if they do not end sooner. */
  addSecret(key: Key, secret: KeySecret, endOthersAt: number): Promise<void>;
  /** Lets every secret but the one named end at `at`, if it does not end sooner. */
  endOtherSecrets(key: Pick<Key, 'workspaceId' | 'id'>, keptSecretId: string, at: number): Promise<void>;
  /** Puts one hash of a secret in the place of another; nothing happens where it is no longer there. */
  replaceHash(secret: HashedSecret, hash: string): Promise<void>;
  revoke(workspaceId: string, keyId: string, at: number): Promise<void>;
  /** Keys that were not revoked, counted up to `limit`; expired ones are among them. */
  count(workspaceId: string, limit: number): Promise<number>;
  /** Removes at most `limit` keys of any workspace that were revoked before then, with their secrets; gives their number. */
  removeRevoked(revokedBefore: number, limit: number): Promise<number>;
  /** Notes the last use of secrets by their id; never back in time. */
  touch(uses: readonly { workspaceId: string; keyId: string; secretId: string; at: number }[]): Promise<void>;
}
