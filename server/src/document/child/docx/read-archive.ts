import { inflateRawSync } from 'node:zlib';
import { DocumentError } from '../../../core/knowledge/document-error.ts';
import { maxArchiveEntries, maxUnpackedBytes } from '../../../core/knowledge/document-limits.ts';

/** A file of an archive, unpacked. */
export type ArchiveFile = { name: string; bytes: Uint8Array };

const endSignature = 0x06_05_4b_50;
const entrySignature = 0x02_01_4b_50;
const fileSignature = 0x04_03_4b_50;
const endBytes = 22;
const entryBytes = 46;
const fileHeadBytes = 30;
/** Behind the end there may only be a comment, whose length is 16 bits. */
const maxCommentBytes = 65_535;
const encryptedFlag = 1;
const stored = 0;
const deflated = 8;

type Entry = { name: string; flags: number; method: number; packedBytes: number; offset: number };

/**
 * Unpacks those files of a ZIP archive whose name is wanted, by its directory (APPNOTE.TXT 4.3), and counts what comes
 * out while it comes out, whatever the archive says of its sizes. Nothing is written anywhere, so that names that lead
 * out of a folder, and links, are names like any other. Throws DocumentError: `damaged`, `encrypted`,
 * `unpacks_too_large`.
 */
export const readArchive = (bytes: Uint8Array, isWanted: (name: string) => boolean): ArchiveFile[] => {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files: ArchiveFile[] = [];
  let left = maxUnpackedBytes;
  const names = new Set<string>();
  for (const entry of readDirectory(archive)) {
    if ((entry.flags & encryptedFlag) !== 0) throw new DocumentError('encrypted');
    if (names.has(entry.name)) throw new DocumentError('damaged');
    names.add(entry.name);
    if (!isWanted(entry.name)) continue;
    const unpacked = unpack(archive, entry, left);
    left -= unpacked.length;
    files.push({ name: entry.name, bytes: unpacked });
  }
  return files;
};

const readDirectory = (archive: Buffer): Entry[] => {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  // also what the format writes where there are more than it can count
  if (count > maxArchiveEntries) throw new DocumentError('unpacks_too_large');
  const entries: Entry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + entryBytes > end || archive.readUInt32LE(at) !== entrySignature) throw new DocumentError('damaged');
    const nameBytes = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + entryBytes, at + entryBytes + nameBytes),
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      packedBytes: archive.readUInt32LE(at + 20),
      offset: archive.readUInt32LE(at + 42),
    });
    at += entryBytes + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
};

const findEnd = (archive: Buffer): number => {
  const first = Math.max(0, archive.length - endBytes - maxCommentBytes);
  for (let at = archive.length - endBytes; at >= first; at -= 1) {
    if (archive.readUInt32LE(at) === endSignature) return at;
  }
  throw new DocumentError('damaged');
};

const unpack = (archive: Buffer, { method, packedBytes, offset }: Entry, left: number): Uint8Array => {
  if (offset + fileHeadBytes > archive.length || archive.readUInt32LE(offset) !== fileSignature) {
    throw new DocumentError('damaged');
  }
  const start = offset + fileHeadBytes + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (packed.length < packedBytes) throw new DocumentError('damaged');
  if (method === stored) {
    if (packed.length > left) throw new DocumentError('unpacks_too_large');
    return packed;
  }
  if (method !== deflated) throw new DocumentError('damaged');
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(left, 1) });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new DocumentError(isTooLarge ? 'unpacks_too_large' : 'damaged');
  }
};
