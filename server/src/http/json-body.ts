import { isUtf8 } from 'node:buffer';
import { ParleyError } from '../core/error.ts';

/** Far more than any request needs; whatever walks a body by recursion is safe below it. */
const maxDepth = 32;

/**
 * Of one object, and far more than any has. The schemas look at every field, also of what they refuse: 450,000 in a body of
 * 4 MB held everybody up for five seconds.
 */
const maxFields = 1_000;

/** The largest body where a route says nothing else. */
export const defaultBodyLimitBytes = 1_048_576;

/**
 * A JSON body, or undefined where it is empty. Throws invalid_json for what is no JSON in UTF-8, nests too deeply, has too
 * many fields in one object, names a field twice or `__proto__`, or holds characters that no database keeps (NUL, half of
 * a surrogate pair).
 */
export const parseJsonBody = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new ParleyError('invalid_json', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ParleyError('invalid_json', undefined, { cause: error });
  }
  // JSON.parse keeps the last of two fields of one name, and then has fewer than were written
  if (assertSound(value, 0) !== countFields(text)) {
    throw new ParleyError('invalid_json', 'A field is named twice in one object.');
  }
  return value;
};

/** Gives the number of fields of all objects in the value. */
const assertSound = (value: unknown, depth: number): number => {
  if (typeof value === 'string') {
    assertSoundText(value);
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= maxDepth) throw new ParleyError('invalid_json', `The body nests deeper than ${maxDepth} levels.`);
  let fields = 0;
  if (Array.isArray(value)) {
    for (const item of value) fields += assertSound(item, depth + 1);
    return fields;
  }
  const members = Object.entries(value);
  if (members.length > maxFields) {
    throw new ParleyError('invalid_json', `An object of the body has more than ${maxFields} fields.`);
  }
  for (const [name, member] of members) {
    // JSON.parse makes it an own property, but whoever copies the object would set its prototype
    if (name === '__proto__') throw new ParleyError('invalid_json', 'A field must not be named `__proto__`.');
    assertSoundText(name);
    fields += 1 + assertSound(member, depth + 1);
  }
  return fields;
};

const backslash = 0x5c;
const colon = 0x3a;

/**
 * How many fields valid JSON names: its colons outside of strings. It leaps from string to string, so that a long message
 * costs next to nothing: some tenths of a microsecond for a chat call, which takes one to parse.
 */
const countFields = (json: string): number => {
  let fields = 0;
  for (let start = json.indexOf('"'); start >= 0;) {
    const end = endOfString(json, start);
    // a name is followed by its colon, with nothing but blanks between
    let at = end + 1;
    while (isBlank(json.charCodeAt(at))) at += 1;
    if (json.charCodeAt(at) === colon) fields += 1;
    start = json.indexOf('"', end + 1);
  }
  return fields;
};

/** Where the string that begins at `start` has its closing quote: one behind an even number of backslashes. */
const endOfString = (json: string, start: number): number => {
  let end = json.indexOf('"', start + 1);
  while (end >= 0) {
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = json.indexOf('"', end + 1);
  }
  return json.length;
};

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const assertSoundText = (text: string): void => {
  if (text.includes('\0')) throw new ParleyError('invalid_json', 'A text holds a NUL character (\\u0000).');
  if (!text.isWellFormed()) throw new ParleyError('invalid_json', 'A text holds half of a surrogate pair.');
};
