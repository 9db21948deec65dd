import { DocumentError } from '../../core/knowledge/document-error.ts';
import type { DocumentBlock } from '../../core/knowledge/document-parser.ts';
import { charactersPerLine, type ParseAnswer, type ParseRequest } from '../exchange.ts';
import { blockCharacters } from './block-characters.ts';
import { parseDocument } from './parse-document.ts';

/** The process that parses: takes documents from its standard input, one after the other, and answers on its output. */

const newline = 10;

const say = (answer: ParseAnswer): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
};

const sayBlocks = (blocks: readonly DocumentBlock[]): void => {
  let line: DocumentBlock[] = [];
  let characters = 0;
  for (const block of blocks) {
    line.push(block);
    characters += blockCharacters(block);
    if (characters < charactersPerLine) continue;
    say({ blocks: line });
    line = [];
    characters = 0;
  }
  if (line.length > 0) say({ blocks: line });
};

const answer = async (request: ParseRequest, bytes: Uint8Array): Promise<void> => {
  try {
    const { blocks, ...document } = await parseDocument(request, bytes);
    sayBlocks(blocks);
    say({ document });
  } catch (error) {
    const { code, message } = error instanceof DocumentError ? error : new DocumentError('parser_failed');
    say({ failed: { code, detail: message } });
  }
};

/** The server sends no request before the last one is answered, so that what comes belongs to one. */
let received: Buffer[] = [];
let receivedBytes = 0;
let request: ParseRequest | null = null;

const take = async (chunk: Buffer): Promise<void> => {
  let body = chunk;
  if (!request) {
    const end = chunk.indexOf(newline);
    received.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) return;
    request = JSON.parse(Buffer.concat(received).toString()) as ParseRequest;
    received = [];
    body = chunk.subarray(end + 1);
  }
  received.push(body);
  receivedBytes += body.length;
  if (receivedBytes < request.sizeBytes) return;
  const whole = request;
  const bytes = Buffer.concat(received);
  request = null;
  received = [];
  receivedBytes = 0;
  await answer(whole, bytes);
};

say({ ready: true });
for await (const chunk of process.stdin) await take(chunk as Buffer);
