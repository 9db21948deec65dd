import { DocumentError } from '../../../core/knowledge/document-error.ts';

/** A mark of the encoding at the start, with the name of the encoding. */
const marks: readonly { bytes: readonly number[]; encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/** What most text that is not UTF-8 is in. */
const fallback = 'windows-1252';

/** More than this of all characters is no text, whatever the name says. */
const maxControlShare = 0.1;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/g;

/**
 * The text of bytes: by the mark at their start, else as UTF-8 where they are that, else in the encoding that was
 * declared, else in Windows-1252. UTF-8 comes before what was declared, since nothing else looks like it by chance.
 * Throws `damaged` for what is no text.
 */
export const decodeText = (bytes: Uint8Array, declared: string | null = null): string => {
  const mark = marks.find((candidate) => candidate.bytes.every((byte, at) => bytes[at] === byte));
  const text = mark ? new TextDecoder(mark.encoding).decode(bytes) : (asUtf8(bytes) ?? asDeclared(bytes, declared));
  if ((text.match(controls)?.length ?? 0) > text.length * maxControlShare) throw new DocumentError('damaged');
  return text;
};

const asUtf8 = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

const asDeclared = (bytes: Uint8Array, declared: string | null): string => {
  try {
    const decoder = new TextDecoder(declared ?? fallback);
    // that it is not UTF-8 is known by now
    if (decoder.encoding !== 'utf-8') return decoder.decode(bytes);
  } catch {
    // a name that nobody knows says nothing
  }
  return new TextDecoder(fallback).decode(bytes);
};
