/**
 * Makes pieces of text that can be stored and sent by themselves. A character outside the basic plane that was cut in
 * two is held back until its other half comes; a half without its other, and NUL (which PostgreSQL refuses), become
 * U+FFFD.
 */
export class WholeText {
  #high = '';

  push(piece: string): string {
    if (piece === '') return '';
    let text = this.#high + piece;
    this.#high = '';
    const last = text.charCodeAt(text.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      this.#high = text.slice(-1);
      text = text.slice(0, -1);
    }
    return replaceUnstorable(text);
  }

  /** What was held back when the text ended. */
  end(): string {
    const rest = replaceUnstorable(this.#high);
    this.#high = '';
    return rest;
  }
}

const replaceUnstorable = (text: string): string => {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
};
