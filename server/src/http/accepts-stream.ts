const eventStream = 'text/event-stream';
const json = 'application/json';

/** `text/html;level=1;q=0.4` has the type `text/html` and the weight 0.4. */
type Range = { type: string; weight: number };

/**
 * Whether an `Accept` header asks for a stream rather than for JSON (RFC 9110, 12.5.1): it names the type, with a weight above
 * 0 and no smaller than what it gives JSON. Whoever takes anything has not asked for a stream.
 */
export const acceptsStream = (accept: string | undefined): boolean => {
  if (accept === undefined || !accept.toLowerCase().includes(eventStream)) return false;
  const ranges = accept.split(',').map(readRange);
  const wanted = weightOf(ranges, [eventStream]);
  return wanted > 0 && wanted >= weightOf(ranges, [json, 'application/*', '*/*']);
};

/** The weight of the first of these types that is named, the most telling first; 0 where none is. */
const weightOf = (ranges: readonly Range[], types: readonly string[]): number => {
  for (const type of types) {
    const range = ranges.find((named) => named.type === type);
    if (range) return range.weight;
  }
  return 0;
};

const readRange = (text: string): Range => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  // what is no weight is none: the type was asked for
  return {
    type,
    weight: weight !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 1,
  };
};
