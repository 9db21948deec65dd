import { maxDimensions } from '../../core/knowledge/embedding-model.ts';
import { ChatModelError } from '../../core/turn/chat-model.ts';

/**
 * Scaled to length one, so that the product of two vectors is the cosine of the angle between them. Throws ChatModelError
 * for what is no vector: numbers that are none, zeros, too many.
 */
export const toUnitVector = (vector: Float32Array): Float32Array => {
  let square = 0;
  for (const number of vector) square += number * number;
  if (vector.length === 0 || vector.length > maxDimensions || !Number.isFinite(square) || square === 0) {
    throw new ChatModelError('malformed', 'the answer holds something that is no vector');
  }
  const length = Math.sqrt(square);
  return vector.map((number) => number / length);
};
