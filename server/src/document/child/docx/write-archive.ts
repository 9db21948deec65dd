import { crc32 } from 'node:zlib';
import type { ArchiveFile } from './read-archive.ts';

/** A ZIP archive of files as they are, unpacked: for a library that wants one, of files that were counted already. */
export const writeArchive = (files: readonly ArchiveFile[]): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const nameBytes = Buffer.from(name);
    const common = describe(bytes, nameBytes.length);
    const head = Buffer.concat([Buffer.from('504b0304', 'hex'), common, nameBytes]);
    const entry = Buffer.alloc(46);
    entry.write('504b01021400', 'hex');
    common.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, nameBytes);
    parts.push(head, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    offset += head.length + bytes.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 'hex');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
};

/** What the head of a file and its entry in the directory say alike, from the version needed on. */
const describe = (bytes: Uint8Array, nameLength: number): Buffer => {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  // names are UTF-8
  common.writeUInt16LE(0x08_00, 2);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(bytes.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(nameLength, 22);
  return common;
};
