import { isUtf8 } from 'node:buffer';
import { ParleyError } from '../core/error.ts';

/** Far more than any request needs; whatever walks a body by recursion is safe below it. */
const maxDepth = 32;

/** The largest body where a route says nothing else. */
export const defaultBodyLimitBytes = 1_048_576;

/**
 * A JSON body, or undefined where it is empty. Throws invalid_json for what is no JSON in UTF-8, nests too deeply, has a
 * `__proto__` or holds characters that no database keeps (NUL, half of a surrogate pair).
 */
export const parseJsonBody = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new ParleyError('invalid_json', 'The body is not UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ParleyError('invalid_json', undefined, { cause: error });
  }
  assertSound(value, 0);
  return value;
};

const assertSound = (value: unknown, depth: number): void => {
  if (typeof value === 'string') {
    assertSoundText(value);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth >= maxDepth) throw new ParleyError('invalid_json', `The body nests deeper than ${maxDepth} levels.`);
  if (Array.isArray(value)) {
    for (const item of value) assertSound(item, depth + 1);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    // JSON.parse makes it an own property, but whoever copies the object would set its prototype
    if (name === '__proto__') throw new ParleyError('invalid_json', 'A field must not be named `__proto__`.');
    assertSoundText(name);
    assertSound(member, depth + 1);
  }
};

const assertSoundText = (text: string): void => {
  if (text.includes('\0')) throw new ParleyError('invalid_json', 'A text holds a NUL character (\\u0000).');
  if (!text.isWellFormed()) throw new ParleyError('invalid_json', 'A text holds half of a surrogate pair.');
};
