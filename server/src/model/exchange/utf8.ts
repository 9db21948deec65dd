import { StringDecoder } from 'node:string_decoder';

/**
 * UTF-8 to text, over pieces that may cut a character. What is no UTF-8 becomes U+FFFD. A piece that ends in ASCII, as
 * those of an event stream nearly always do, needs no decoder with a memory.
 */
export class Utf8 {
  readonly #decoder = new StringDecoder('utf8');
  #cut = false;

  decode(chunk: Buffer): string {
    const endsInAscii = (chunk[chunk.length - 1] ?? 0) < 0x80;
    if (endsInAscii && !this.#cut) return chunk.toString('utf8');
    this.#cut = !endsInAscii;
    return this.#decoder.write(chunk);
  }
}
