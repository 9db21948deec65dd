/** What bytes are, by the signatures of their formats; the names in words are for the owner of a source. */
export type BinaryKind =
  | 'pdf'
  | 'docx'
  | 'encrypted-office'
  | 'text'
  | 'an archive'
  | 'an old office document'
  | 'a picture'
  | 'a program'
  | 'a film or sound'
  | 'unknown';

const signatures: readonly { kind: BinaryKind; bytes: readonly number[]; at?: number }[] = [
  { kind: 'a picture', bytes: [0x89, 0x50, 0x4e, 0x47] },
  { kind: 'a picture', bytes: [0xff, 0xd8, 0xff] },
  { kind: 'a picture', bytes: [0x47, 0x49, 0x46, 0x38, 0x37, 0x61] },
  { kind: 'a picture', bytes: [0x47, 0x49, 0x46, 0x38, 0x39, 0x61] },
  { kind: 'a picture', bytes: [0x49, 0x49, 0x2a, 0x00] },
  { kind: 'a picture', bytes: [0x4d, 0x4d, 0x00, 0x2a] },
  { kind: 'a picture', bytes: [0x57, 0x45, 0x42, 0x50], at: 8 },
  { kind: 'a program', bytes: [0x7f, 0x45, 0x4c, 0x46] },
  { kind: 'a film or sound', bytes: [0x66, 0x74, 0x79, 0x70], at: 4 },
  { kind: 'a film or sound', bytes: [0x49, 0x44, 0x33, 0x03] },
  { kind: 'a film or sound', bytes: [0x49, 0x44, 0x33, 0x04] },
  { kind: 'an archive', bytes: [0x1f, 0x8b] },
  { kind: 'an archive', bytes: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4 },
  { kind: 'an archive', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { kind: 'an archive', bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { kind: 'an archive', bytes: [0x52, 0x61, 0x72, 0x21] },
];

const compoundFile = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/** What an archive begins with: a file, or, where it holds none, its end. */
const zipStarts = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
];
/** Readers of PDF look for its head in the first bytes of this many. */
const pdfHeadBytes = 1_024;
/** Where text is told from bytes: a NUL is in nearly every binary format before long. */
const textSampleBytes = 64_000;

export const binaryKind = (bytes: Uint8Array): BinaryKind => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, compoundFile)) {
    // A DOCX with a password is this stream in the older container; names there are UTF-16.
    return buffer.includes(Buffer.from('EncryptedPackage', 'utf16le')) ? 'encrypted-office' : 'an old office document';
  }
  if (zipStarts.some((start) => startsWith(bytes, start))) {
    return buffer.includes('word/document') ? 'docx' : 'an archive';
  }
  if (hasUtf16Mark(bytes)) return 'text';
  const known = signatures.find((signature) => startsWith(bytes, signature.bytes, signature.at));
  if (known) return known.kind;
  if (buffer.subarray(0, pdfHeadBytes).includes('%PDF-')) return 'pdf';
  return bytes.subarray(0, textSampleBytes).includes(0) ? 'unknown' : 'text';
};

const startsWith = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean =>
  bytes.length >= at + signature.length && signature.every((value, index) => bytes[at + index] === value);

const hasUtf16Mark = (bytes: Uint8Array): boolean =>
  bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
