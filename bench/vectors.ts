import { parseArgs } from 'node:util';
import { packQuantised, quantise } from '../server/src/kit/vectors/quantise.ts';
import { VectorScanner } from '../server/src/kit/vectors/vector-scanner.ts';
import { quantile } from './quantile.ts';

/** What a scan of vectors in memory takes, from the question to the best forty, thread and back. */

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '1000,10000,100000' },
    dimensions: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '200' },
  },
});
const dimensions = Number(values.dimensions);

const vectorOf = (): Float32Array => {
  const vector = Float32Array.from({ length: dimensions }, () => Math.random() - 0.5);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
};

for (const count of values.counts.split(',').map(Number)) {
  const scanner = new VectorScanner({
    maxBytes: 2 ** 31,
    onLost: (error) => {
      throw error;
    },
  });
  for (let at = 0; at < count; at += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, count - at) }, (_, offset) => ({
      position: at + offset,
      packed: packQuantised(quantise(vectorOf())),
    }));
    await scanner.add('bot', `source ${at}`, rows);
  }
  const times: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const query = vectorOf();
    const startedAt = performance.now();
    await scanner.search('bot', query, 40);
    times.push(performance.now() - startedAt);
  }
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(times, share).toFixed(2));
  process.stdout.write(`${count} vectors of ${dimensions}: p50 ${p50} ms, p95 ${p95} ms\n`);
  await scanner.close();
}
