/** As models are shown a value: on one line, so that it cannot pass for a line of ours. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
