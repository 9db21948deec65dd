import type { ServerResponse } from 'node:http';

/** A reader that takes nothing for so long is cut off. */
const maxSilentMs = 30_000;

/** Resolves once the reader has taken what was written, or has left; cuts off one that does neither. */
export const readerTakes = async (response: ServerResponse): Promise<void> => {
  const patience = setTimeout(() => response.destroy(), maxSilentMs);
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.once('drain', settle).once('close', settle);
  });
  clearTimeout(patience);
};
