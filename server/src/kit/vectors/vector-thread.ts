import { parentPort, workerData } from 'node:worker_threads';
import { unpackQuantised } from './quantise.ts';
import { type ScanResult, VectorIndex } from './vector-index.ts';

/** Rows travel as they are stored. */
export type VectorRequest =
  | { kind: 'add'; collection: string; group: string; rows: { position: number; packed: Uint8Array }[] }
  | { kind: 'removeGroup'; collection: string; group: string }
  | { kind: 'remove'; collection: string }
  | { kind: 'search'; collection: string; query: Float32Array; limit: number };

export type VectorAnswer = { added: boolean } | { found: ScanResult | null } | { removed: true };

/** The thread behind `VectorScanner`: answers come in the order of the requests. */
if (parentPort !== null) {
  const port = parentPort;
  const index = new VectorIndex((workerData as { maxBytes: number }).maxBytes);
  const answer = (request: VectorRequest): VectorAnswer => {
    switch (request.kind) {
      case 'add': {
        const rows = request.rows.map(({ position, packed }) => ({ position, vector: unpackQuantised(packed) }));
        return { added: index.add(request.collection, request.group, rows) };
      }
      case 'removeGroup':
        index.removeGroup(request.collection, request.group);
        return { removed: true };
      case 'remove':
        index.remove(request.collection);
        return { removed: true };
      case 'search':
        return { found: index.search(request.collection, request.query, request.limit) };
    }
  };
  port.on('message', (request: VectorRequest) => {
    port.postMessage(answer(request));
  });
}
