/** Keeps the best of many scores: a heap with the least of them on top, so that most offers are one comparison. */
export class BestFew {
  readonly #limit: number;
  readonly #heap: { at: number; score: number }[] = [];

  constructor(limit: number) {
    if (limit < 1) throw new RangeError('there is nothing to keep');
    this.#limit = limit;
  }

  offer(at: number, score: number): void {
    const heap = this.#heap;
    if (heap.length === this.#limit) {
      if (score <= heap[0]!.score) return;
      heap[0] = { at, score };
      this.#sink();
      return;
    }
    heap.push({ at, score });
    this.#rise();
  }

  /** Best first; level ones in the order of their places. */
  sorted(): { at: number; score: number }[] {
    return this.#heap.toSorted((left, right) => right.score - left.score || left.at - right.at);
  }

  #rise(): void {
    const heap = this.#heap;
    for (let at = heap.length - 1; at > 0;) {
      const above = (at - 1) >> 1;
      if (heap[above]!.score <= heap[at]!.score) return;
      [heap[above], heap[at]] = [heap[at]!, heap[above]!];
      at = above;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ;) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < heap.length && heap[below]!.score < heap[least]!.score) least = below;
      }
      if (least === at) return;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}
