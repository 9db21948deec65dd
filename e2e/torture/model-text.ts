import { createHash } from 'node:crypto';

/** How clients name what they say, whatever stands around it. */
const messageName = /Message \S+ canary-\w/g;

/** The last that is named in a text: what got no reply before stands in front of it. */
export const nameOf = (text: string): string => text.match(messageName)?.at(-1) ?? '';

/**
 * What the model answers to a message, by the hash of its name and by which call for it this is: a piece that is lost, doubled or taken
 * from another attempt is seen byte for byte.
 */

const fewestPieces = 6;
/** Beside the fewest; a reply takes so many pauses more. */
const morePieces = 18;

export const piecesOf = (message: string, call: number): string[] => {
  const hash = createHash('sha256').update(`${call}\n${message}`).digest('hex');
  const count = fewestPieces + (Number.parseInt(hash.slice(0, 4), 16) % morePieces);
  return Array.from(
    { length: count },
    (_, index) => `${index === 0 ? '' : ' '}${call}.${index}.${pieceHash(hash, index)}`,
  );
};

export const textOf = (message: string, call: number): string => piecesOf(message, call).join('');

const pieceHash = (hash: string, index: number): string =>
  createHash('sha256').update(`${hash}${index}`).digest('base64url').slice(0, 11);
