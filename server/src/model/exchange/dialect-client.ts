import type { ChatModel, ChatModelReply, ChatModelRequest } from '../../core/turn/chat-model.ts';
import { contextSize } from '../context-sizes.ts';
import type { Answer } from './answer.ts';
import { askAdapting } from './ask-adapting.ts';
import type { ClientOptions } from './client-options.ts';
import { Deadlines } from './deadlines.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProviderFault } from './provider-fault.ts';
import { QuirkMemory } from './quirk-memory.ts';
import { ReplyText } from './reply-text.ts';
import { Sender } from './sender.ts';

/** What one dialect has of its own. `Quirks`: how a model wants to be asked; `Sent`: what of the optional was sent. */
export type Dialect<Quirks, Sent> = {
  /** Throws `Error` where URL or key cannot be used. */
  readEndpoint: (baseUrl: string, key: string | null) => Endpoint;
  initialQuirks: (model: string) => Quirks;
  buildBody: (request: ChatModelRequest, quirks: Quirks) => { body: string; sent: Sent };
  /** `key` is what must not appear in an error. */
  createAnswer: (text: ReplyText, key: string | null) => Answer;
  /** What a refusal teaches; null where the form of the request was not the fault. */
  adaptTo: (fault: ProviderFault, quirks: Quirks, sent: Sent) => Quirks | null;
};

/** A client for the servers that speak a dialect. Throws `Error` where URL or key cannot be used. */
export const createDialectClient = <Quirks, Sent>(dialect: Dialect<Quirks, Sent>, options: ClientOptions): ChatModel =>
  new DialectClient(dialect, options);

class DialectClient<Quirks, Sent> implements ChatModel {
  readonly #dialect: Dialect<Quirks, Sent>;
  readonly #key: string | null;
  readonly #sender: Sender;
  readonly #memory: QuirkMemory<Quirks>;

  constructor(dialect: Dialect<Quirks, Sent>, options: ClientOptions) {
    this.#dialect = dialect;
    this.#key = options.key;
    this.#sender = new Sender(dialect.readEndpoint(options.baseUrl, options.key), options);
    this.#memory = new QuirkMemory(dialect.initialQuirks);
  }

  contextTokens(model: string): number | null {
    return contextSize(model);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  async reply(request: ChatModelRequest, onText: (text: string) => void): Promise<ChatModelReply> {
    const { buildBody, createAnswer, adaptTo } = this.#dialect;
    const deadlines = new Deadlines(request.timeouts);
    return askAdapting({
      model: request.model,
      memory: this.#memory,
      key: this.#key,
      ask: (quirks) => {
        const { body, sent } = buildBody(request, quirks);
        const answer = createAnswer(new ReplyText(onText), this.#key);
        return {
          result: this.#sender.send(body, { answer, deadlines, stream: request.stream, signal: request.signal }),
          adapt: (fault) => adaptTo(fault, quirks, sent),
        };
      },
    });
  }
}
