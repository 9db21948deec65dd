import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import { cleanLine } from '../core/knowledge/clean-line.ts';

/** Longer names say nothing more. */
const maxNameCharacters = 200;

/** A file that came in a form, in place of a JSON body. */
export class UploadedFile {
  /** As its owner calls it, without folders. */
  readonly name: string;
  /** As the form declared it; null where it did not. */
  readonly mediaType: string | null;
  readonly bytes: Buffer;
  /** The form's other fields by their names. */
  readonly fields: Readonly<Record<string, string>>;

  #forget: (() => void) | null;
  #isHeld = false;

  /** `forget` is called once, when the bytes are no longer needed. */
  constructor(
    file: { name: string; mediaType: string | null; bytes: Buffer; fields: Record<string, string> },
    forget: () => void = () => {},
  ) {
    this.#forget = forget;
    this.name = tidyName(file.name);
    this.mediaType = file.mediaType;
    this.bytes = file.bytes;
    this.fields = file.fields;
  }

  /** Keeps the bytes until `release`, even where nobody waits for the answer any more. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#forget?.();
    this.#forget = null;
  }

  /** The request has its answer: what nobody works with is released. */
  answered(): void {
    if (!this.#isHeld) this.release();
  }

  /** Stands for all of it, so that a repeated request can be told from another. */
  fingerprint(): { name: string; media_type: string | null; sha256: string; fields: Readonly<Record<string, string>> } {
    const sha256 = createHash('sha256').update(this.bytes).digest('base64url');
    return { name: this.name, media_type: this.mediaType, sha256, fields: this.fields };
  }
}

/**
 * Some browsers send a whole path; what cannot be shown is left out. It is clean as a title is, so that a file without a
 * title of its own is told by its name.
 */
const tidyName = (name: string): string => {
  const last = cleanLine(basename(name.replaceAll('\\', '/')).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ''));
  return last === '' || last === '.' || last === '..' ? 'file' : cleanLine(last.slice(-maxNameCharacters));
};
