export type KeptReadingOptions = {
  /** A reading is as good as a new one for so long. */
  freshMs: number;
  /** Whoever asks waits for a new one for so long, and is given the last one otherwise. */
  waitMs: number;
  onError: (error: unknown) => void;
};

/**
 * Reads something that costs, at most once in a while and never twice at once, for those who ask often. Null as long as
 * nothing was read, and while the last try failed: an old figure would look like a true one.
 */
export const keepReading = <Value>(
  read: () => Promise<Value>,
  { freshMs, waitMs, onError }: KeptReadingOptions,
): (() => Promise<Value | null>) => {
  let value: Value | null = null;
  let takenAt = -Infinity;
  let reading: Promise<void> | null = null;
  const take = async (): Promise<void> => {
    try {
      value = await read();
    } catch (error) {
      value = null;
      onError(error);
    }
    takenAt = performance.now();
    reading = null;
  };
  return async () => {
    if (performance.now() - takenAt < freshMs) return value;
    reading ??= take();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([reading, patience]);
    clearTimeout(timer);
    return value;
  };
};
