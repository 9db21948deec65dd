import { estimateTokens } from '../../kit/token-estimate.ts';
import { divideParagraph, maxTokens, type Piece, targetTokens } from './chunk-text.ts';

const between = ' | ';
/** A longer header would be most of every part; it stands above the first alone. */
const maxHeadTokens = 160;
const start = '\n\n';

/**
 * A table as text, a row a line: one piece where it fits a passage, or several that each begin with its header and end
 * with a row. Only a row that is larger than a passage by itself is divided.
 */
export const divideTable = ({ header, rows }: { header: readonly string[]; rows: readonly string[][] }): Piece[] => {
  const names = header.length > 0 ? [toLine(header)] : [];
  const repeats = estimateTokens(names.join('\n')) <= maxHeadTokens;
  const head = repeats ? names : [];
  const lines = [...(repeats ? [] : names), ...rows.map(toLine)];
  const whole = [...head, ...lines].join('\n');
  const tokens = estimateTokens(whole);
  if (tokens <= maxTokens) return [{ text: whole, tokens, glue: start }];
  const headTokens = estimateTokens(head.join('\n'));
  const pieces: Piece[] = [];
  let open: string[] = [];
  let openTokens = headTokens;
  const close = (): void => {
    if (open.length > 0) for (const piece of toPieces([...head, ...open].join('\n'))) pieces.push(piece);
    open = [];
    openTokens = headTokens;
  };
  for (const line of lines) {
    const lineTokens = estimateTokens(line);
    if (openTokens + lineTokens > targetTokens) close();
    open.push(line);
    openTokens += lineTokens;
  }
  close();
  return pieces;
};

const toLine = (cells: readonly string[]): string => cells.join(between);

/** Larger than it may be only where a single row is. */
const toPieces = (text: string): Piece[] => {
  const tokens = estimateTokens(text);
  return tokens <= maxTokens ? [{ text, tokens, glue: start }] : [...divideParagraph(text)];
};
