import { maxDimensions } from '../../core/knowledge/embedding-model.ts';
import { ChatModelError, type ChatModelReply } from '../../core/turn/chat-model.ts';
import type { Answer } from '../exchange/answer.ts';
import { asList, asRecord, type JsonRecord } from '../exchange/json.ts';
import { mapFault } from '../exchange/map-error.ts';
import { readFault } from '../exchange/provider-fault.ts';
import { asCount } from '../exchange/token-count.ts';
import { toUnitVector } from '../exchange/unit-vector.ts';

/** The vectors of one request as they are read from its JSON: lists of numbers, or the bytes of 32-bit floats as base64. */
export class EmbeddingAnswer implements Answer {
  readonly pieces = 0;
  readonly finished = false;
  readonly done = false;
  readonly #count: number;
  readonly #key: string | null;
  #vectors: Float32Array[] = [];
  #tokens: number | null = null;

  /** `count`: the texts that were sent. `key` is what must not appear in an error. */
  constructor(count: number, key: string | null) {
    this.#count = count;
    this.#key = key;
  }

  get vectors(): Float32Array[] {
    return this.#vectors;
  }

  get tokens(): number | null {
    return this.#tokens;
  }

  takeEvent(): void {
    throw new ChatModelError('malformed', 'the answer is a stream of events');
  }

  takeWhole(value: unknown): void {
    const answer = asRecord(value);
    const items = asList(answer?.data);
    if (answer === null || items === null) {
      if (answer !== null && answer.error !== undefined) {
        throw mapFault(readFault(value, null), { key: this.#key });
      }
      throw new ChatModelError('malformed', 'the answer has no vectors');
    }
    if (items.length !== this.#count) {
      throw new ChatModelError('malformed', `the answer has ${items.length} vectors for ${this.#count} texts`);
    }
    const vectors = Array.from<undefined, Float32Array | undefined>({ length: this.#count }, () => undefined);
    for (const [at, item] of items.entries()) {
      const record = asRecord(item);
      const index = record?.index ?? at;
      if (record === null || typeof index !== 'number' || !(index in vectors) || vectors[index] !== undefined) {
        throw new ChatModelError('malformed', 'the vectors have no order');
      }
      vectors[index] = readVector(record.embedding);
    }
    this.#vectors = vectors as Float32Array[];
    if (this.#vectors.some((vector) => vector.length !== this.#vectors[0]?.length)) {
      throw new ChatModelError('malformed', 'the vectors differ in length');
    }
    this.#tokens = readTokens(answer);
  }

  reply(): ChatModelReply {
    return { finishReason: 'stop', usage: null, citations: null };
  }
}

const readTokens = (answer: JsonRecord): number | null => {
  const usage = asRecord(answer.usage);
  return asCount(usage?.prompt_tokens ?? usage?.total_tokens);
};

const readVector = (value: unknown): Float32Array =>
  toUnitVector(typeof value === 'string' ? fromBase64(value) : fromNumbers(asList(value)));

const fromNumbers = (values: readonly unknown[] | null): Float32Array => {
  if (values === null || values.length > maxDimensions) return new Float32Array(0);
  return Float32Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN));
};

/** Little-endian, as OpenAI and those after it send them. */
const fromBase64 = (text: string): Float32Array => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0) return new Float32Array(0);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
};
