import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  name: string;
  content: Uint8Array | string;
  /** Bit 0: encrypted. */
  flags?: number;
  /** What the archive says that it unpacks to; the truth where it is left out. */
  claimedBytes?: number;
  /** Of a file system of Unix, in the upper half; 0xa1ff0000 is a symbolic link. */
  attributes?: number;
};

/** An archive, as honest or as dishonest as its entries. `claimedEntries`: what its end says of their number. */
export const makeZip = (entries: readonly ZipEntry[], claimedEntries: number = entries.length): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, flags = 0, claimedBytes, attributes = 0 } of entries) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const packed = deflateRawSync(bytes);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimedBytes ?? bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(attributes, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, nameBytes);
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed]);
    parts.push(file);
    offset += file.length;
  }
  const entriesBytes = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(claimedEntries, 4);
  end.writeUInt16LE(claimedEntries, 6);
  end.writeUInt32LE(entriesBytes.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, entriesBytes, Buffer.from('PK\x05\x06', 'latin1'), end]);
};
