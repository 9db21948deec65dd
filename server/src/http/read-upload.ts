import { fastifyMultipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ParleyError } from '../core/error.ts';
import { assertPlainBody } from './assert-plain-body.ts';
import { UploadedFile } from './uploaded-file.ts';

/** Of the fields beside a file; a title is far shorter. */
const maxFieldBytes = 4_096;
const maxFields = 10;
/** Of all files that are on their way into the store, so that many at once cannot take the memory. */
const maxBytesOnTheirWay = 200_000_000;

/** Lets the routes of a server, or of a part of it, take a file in a form. `maxBytes`: of all files together. */
export const acceptUploads = async (server: FastifyInstance, maxBytes = maxBytesOnTheirWay): Promise<void> => {
  await server.register(fastifyMultipart, {
    limits: { files: 1, fields: maxFields, parts: maxFields + 1, fieldSize: maxFieldBytes, headerPairs: 20 },
  });
  let onTheirWay = 0;
  server.addHook('preValidation', async (request) => {
    if (!request.isMultipart()) return;
    const upload = request.routeOptions.config.route?.upload;
    if (!upload) throw new ParleyError('unsupported_media_type');
    assertPlainBody(request);
    let taken = 0;
    try {
      const form = await readForm(request, upload.maxBytes, (bytes) => {
        taken += bytes;
        onTheirWay += bytes;
        if (onTheirWay > maxBytes) {
          throw new ParleyError('overloaded', 'Too many files are being uploaded. Try again in a moment.');
        }
      });
      request.body = new UploadedFile(form, () => (onTheirWay -= taken));
    } catch (error) {
      onTheirWay -= taken;
      throw error;
    }
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (request.body instanceof UploadedFile) request.body.answered();
    done();
  });
};

const readForm = async (
  request: FastifyRequest,
  maxBytes: number,
  take: (bytes: number) => void,
): Promise<ConstructorParameters<typeof UploadedFile>[0]> => {
  const fields: Record<string, string> = {};
  let file: { name: string; mediaType: string | null; bytes: Buffer } | null = null;
  try {
    for await (const part of request.parts({ limits: { fileSize: maxBytes + 1 } })) {
      if (part.type === 'field') {
        if (Object.hasOwn(fields, part.fieldname)) throw refuse(`The form names \`${short(part.fieldname)}\` twice.`);
        fields[part.fieldname] = readField(part);
        continue;
      }
      if (part.fieldname !== 'file') {
        part.file.resume();
        throw new ParleyError(
          'unknown_field',
          `There is no field \`${short(part.fieldname)}\` here: a file is called \`file\`.`,
          {
            param: short(part.fieldname),
          },
        );
      }
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of part.file as AsyncIterable<Buffer>) {
        take(chunk.length);
        size += chunk.length;
        if (size > maxBytes) throw tooLarge(maxBytes);
        chunks.push(chunk);
      }
      file = { name: part.filename, mediaType: part.mimetype || null, bytes: Buffer.concat(chunks) };
    }
  } catch (error) {
    throw toRefusal(error, maxBytes);
  }
  if (!file) throw new ParleyError('invalid_request', '`file` is required: the form holds no file.', { param: 'file' });
  return { ...file, fields };
};

const tooLarge = (maxBytes: number, cause?: unknown): ParleyError =>
  new ParleyError('body_too_large', `The file may have at most ${maxBytes} bytes.`, { cause });

const refuse = (detail: string): ParleyError => new ParleyError('invalid_request', detail);

/** What is said of a name must not be as long as one that was sent. */
const short = (name: string): string => name.slice(0, 64);

const readField = (part: {
  fieldname: string;
  value: unknown;
  fieldnameTruncated: boolean;
  valueTruncated: boolean;
}) => {
  if (part.fieldnameTruncated || part.valueTruncated || typeof part.value !== 'string') {
    throw refuse(`The field \`${short(part.fieldname)}\` is too long, or no text.`);
  }
  if (part.value.includes('\0') || !part.value.isWellFormed()) {
    throw refuse(`The field \`${short(part.fieldname)}\` holds characters that are no text.`);
  }
  return part.value;
};

/** What the parser of forms throws, in our words. */
const toRefusal = (error: unknown, maxBytes: number): ParleyError => {
  if (error instanceof ParleyError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'FST_FILES_LIMIT') return refuse('The form holds more than one file: send each by itself.');
  if (code === 'FST_PARTS_LIMIT' || code === 'FST_FIELDS_LIMIT') return refuse('The form has too many fields.');
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(maxBytes, error);
  return new ParleyError('invalid_request', 'The body is not a whole form (multipart/form-data).', { cause: error });
};
