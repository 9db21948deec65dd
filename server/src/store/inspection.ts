/** What can be said of a database from outside, without changing it. */
export type StoreInspection = {
  sizeBytes: number;
  /** Steps of the schema that this version has and the database has not taken yet. */
  pendingMigrations: string[];
  /** Steps that the database has taken and this version does not know: it was used by a newer one. */
  unknownMigrations: string[];
  secretFingerprint: string | null;
  /** Of the secret that everything is being brought under; null where none replaces the other. */
  nextSecretFingerprint: string | null;
};
