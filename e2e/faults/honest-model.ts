import { LLMock } from '@copilotkit/aimock';

/** A provider of all dialects that nobody of this project wrote, and that answers well: what the proxy breaks. */

/** Letters of one, two, three and four bytes, so that a cut falls into one of them. */
export const honestReply =
  'Yes, we ship to Batumi. Доставка занимает три дня. 👋 ფასი ხუთი ლარია, and a parcel of wool weighs two pounds.';

export type HonestModel = { origin: string; close(): Promise<unknown> };

/** One piece of the reply an event. */
const pieceCharacters = 8;

export const startHonestModel = async (): Promise<HonestModel> => {
  const mock = new LLMock({ port: 0, chunkSize: pieceCharacters });
  await mock.start();
  // by the names of each dialect, of which an answer takes its own
  const usage = {
    prompt_tokens: 21,
    completion_tokens: 17,
    input_tokens: 21,
    output_tokens: 17,
    promptTokenCount: 21,
    candidatesTokenCount: 17,
  };
  mock.onMessage('ship', { content: honestReply, usage }, { latency: 0 });
  return { origin: mock.url, close: () => mock.stop() };
};
