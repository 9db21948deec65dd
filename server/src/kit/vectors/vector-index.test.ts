import { describe, expect, it, test } from 'vitest';
import { BestFew } from './best-few.ts';
import { dotProduct, packFloats, packQuantised, quantise, unpackFloats, unpackQuantised } from './quantise.ts';
import { blockBytes, VectorIndex } from './vector-index.ts';

/** The same numbers in every run (a linear congruential generator). */
const numbersFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
};

const unitVectors = (count: number, dimensions: number, seed = 1): Float32Array[] => {
  const next = numbersFrom(seed);
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: dimensions }, next);
    const length = Math.sqrt(dotProduct(vector, vector));
    return vector.map((value) => value / length);
  });
};

const rowsOf = (vectors: readonly Float32Array[]) =>
  vectors.map((vector, position) => ({ position, vector: quantise(vector) }));

const best = (vectors: readonly Float32Array[], query: Float32Array): number[] =>
  vectors
    .map((vector, at) => ({ at, cosine: dotProduct(vector, query) }))
    .toSorted((left, right) => right.cosine - left.cosine)
    .map(({ at }) => at);

describe('the scan', () => {
  it.each([1, 15, 16, 17, 384, 512, 1_000, 3_072, 8_192])('finds the nearest of %i dimensions', (dimensions) => {
    const vectors = unitVectors(300, dimensions);
    const index = new VectorIndex(64 * 1024 * 1024);
    expect(index.add('bot', 'a', rowsOf(vectors))).toBe(true);
    for (const query of unitVectors(5, dimensions, 2)) {
      const found = index.search('bot', query, 20);
      expect(found?.count).toBe(300);
      for (const { position, cosine } of found?.hits ?? []) {
        expect(cosine).toBeCloseTo(dotProduct(vectors[position]!, query), 1);
      }
      // with few dimensions many are level
      const nearest = dotProduct(vectors[best(vectors, query)[0]!]!, query);
      expect(found?.hits[0]?.cosine).toBeCloseTo(nearest, 1);
    }
  });

  it('overflows with no vector, however its numbers are', () => {
    const index = new VectorIndex(1024 * 1024);
    const equal = new Float32Array(8_192).fill(1 / Math.sqrt(8_192));
    index.add('bot', 'a', [{ position: 0, vector: quantise(equal) }]);
    expect(index.search('bot', equal, 1)?.hits[0]?.cosine).toBeCloseTo(1, 2);
    expect(
      index.search(
        'bot',
        equal.map((value) => -value),
        1,
      )?.hits[0]?.cosine,
    ).toBeCloseTo(-1, 2);
  });

  it('tells how the rest lies', () => {
    const index = new VectorIndex(1024 * 1024);
    index.add('bot', 'a', [
      { position: 0, vector: quantise(Float32Array.of(1, 0)) },
      { position: 1, vector: quantise(Float32Array.of(0, 1)) },
    ]);
    const found = index.search('bot', Float32Array.of(1, 0), 1);
    expect(found?.hits).toEqual([{ group: 'a', position: 0, cosine: expect.closeTo(1, 3) }]);
    expect(found?.mean).toBeCloseTo(0.5, 3);
    expect(found?.deviation).toBeCloseTo(0.5, 3);
  });

  it('sees one collection, and none of another length', () => {
    const index = new VectorIndex(1024 * 1024);
    index.add('one', 'a', [{ position: 7, vector: quantise(Float32Array.of(1, 0)) }]);
    index.add('other', 'a', [{ position: 8, vector: quantise(Float32Array.of(1, 0)) }]);
    expect(index.search('one', Float32Array.of(1, 0), 5)?.hits.map(({ position }) => position)).toEqual([7]);
    expect(index.search('one', Float32Array.of(1, 0, 0), 5)).toBeNull();
    expect(index.search('none', Float32Array.of(1, 0), 5)).toBeNull();
    expect(index.add('one', 'a', [{ position: 9, vector: quantise(Float32Array.of(1, 0, 0)) }])).toBe(false);
  });
});

describe('a collection', () => {
  it('loses a group and keeps the others, across blocks', () => {
    const vectors = unitVectors(900, 512);
    const index = new VectorIndex(64 * 1024 * 1024);
    const rows = rowsOf(vectors);
    index.add('bot', 'a', rows.slice(0, 300));
    index.add('bot', 'b', rows.slice(300, 600));
    index.add('bot', 'c', rows.slice(600));
    index.removeGroup('bot', 'b');
    index.removeGroup('bot', 'unknown');
    const nearest = vectors.map((vector) => index.search('bot', vector, 1)?.hits[0]);
    const itself = (group: string) => (hit: unknown, at: number) =>
      expect(hit).toEqual({ group, position: at + (group === 'c' ? 600 : 0), cosine: expect.closeTo(1, 1) });
    nearest.slice(0, 300).forEach(itself('a'));
    nearest.slice(600).forEach(itself('c'));
    expect(
      nearest
        .slice(300, 600)
        .map((hit) => hit?.position)
        .filter((at) => at! >= 300 && at! < 600),
    ).toEqual([]);
    index.removeGroup('bot', 'a');
    index.removeGroup('bot', 'c');
    expect(index.usedBytes).toBe(0);
    expect(index.search('bot', vectors[0]!, 1)).toBeNull();
  });

  it('takes no more than it may, and what is given back serves the next', () => {
    const index = new VectorIndex(2 * blockBytes);
    const rows = rowsOf(unitVectors(300, 512));
    expect(index.add('one', 'a', rows)).toBe(false);
    expect(index.usedBytes).toBe(0);
    for (let round = 0; round < 5; round += 1) {
      expect(index.add('one', 'a', rows.slice(0, 200))).toBe(true);
      expect(index.add('two', 'a', rows.slice(0, 200))).toBe(false);
      index.remove('one');
      expect(index.add('two', 'a', rows.slice(0, 200))).toBe(true);
      index.remove();
    }
  });
});

test('a vector survives being quantised and stored', () => {
  const [vector] = unitVectors(1, 100);
  const packed = packQuantised(quantise(vector!));
  // as a database hands bytes out, in the middle of others
  const shifted = new Uint8Array(packed.length + 3);
  shifted.set(packed, 3);
  const { code, scale } = unpackQuantised(shifted.subarray(3));
  for (const [at, value] of vector!.entries()) expect(Math.abs(code[at]! * scale - value)).toBeLessThan(scale);
  expect(unpackFloats(packFloats(vector!))).toEqual(vector);
  expect(quantise(new Float32Array(4)).code).toEqual(new Int8Array(4));
});

test('the best few are the best of all, in their order', () => {
  const next = numbersFrom(3);
  const scores = Array.from({ length: 1_000 }, next);
  const few = new BestFew(25);
  for (const [at, score] of scores.entries()) few.offer(at, score);
  expect(few.sorted().map(({ score }) => score)).toEqual(scores.toSorted((a, b) => b - a).slice(0, 25));
});
