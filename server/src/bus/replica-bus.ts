import type { ChannelListener, ReplicaChannel } from '../core/replica/replica-channel.ts';
import { type MessageOf, packMessage, type ReplicaMessage, unpackMessage } from './replica-message.ts';

type Handlers = { [Type in ReplicaMessage['type']]?: (message: MessageOf<Type>, from: string) => void };

/**
 * The messages between this process and the others, over whichever channels there are: the first that works carries what
 * is sent, and all are listened to.
 */
export class ReplicaBus {
  /** The name of this process. */
  readonly replica: string;
  readonly #channels: ReplicaChannel[] = [];
  readonly #handlers: Handlers = {};
  readonly #missed: (() => void)[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(replica: string, onError: (error: unknown) => void) {
    this.replica = replica;
    this.#onError = onError;
  }

  /** What a channel is to be opened with. */
  get listener(): ChannelListener {
    return {
      received: (text) => this.#receive(text),
      opened: () => {
        for (const forget of this.#missed) forget();
      },
      failed: this.#onError,
    };
  }

  /** In the order in which they are preferred. */
  add(channel: ReplicaChannel): void {
    this.#channels.push(channel);
  }

  on<Type extends ReplicaMessage['type']>(type: Type, handler: Handlers[Type]): void {
    this.#handlers[type] = handler;
  }

  /** Calls `forget` where messages may have been missed: what is remembered may have changed. */
  onMissed(forget: () => void): void {
    this.#missed.push(forget);
  }

  /** True where messages reach this process. */
  get ready(): boolean {
    return this.#channels.some((channel) => channel.ready);
  }

  /** True where pieces of replies can be sent and received. */
  get carriesText(): boolean {
    return this.#channels.some((channel) => channel.ready && channel.carriesText);
  }

  /** To every other process. `everyWay`: over all channels, for one that some of them do not reach. */
  tell(message: ReplicaMessage, options: { everyWay?: boolean } = {}): void {
    void this.#tell(packMessage(this.replica, message), options.everyWay === true);
  }

  /** To one process, over a channel that carries text; false where it is not reached. */
  async sendText(to: string, message: ReplicaMessage): Promise<boolean> {
    const channel = this.#channels.find(({ ready, carriesText }) => ready && carriesText);
    return channel ? channel.send(packMessage(this.replica, message), to) : false;
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
  }

  async #tell(text: string, everyWay: boolean): Promise<void> {
    for (const channel of this.#channels) {
      const told = channel.ready && (await channel.send(text, null));
      if (told && !everyWay) return;
    }
  }

  #receive(text: string): void {
    const received = unpackMessage(text);
    if (!received || received.from === this.replica) return;
    const { message, from } = received;
    const handle = this.#handlers[message.type] as ((message: ReplicaMessage, from: string) => void) | undefined;
    try {
      handle?.(message, from);
    } catch (error) {
      this.#onError(error);
    }
  }
}
