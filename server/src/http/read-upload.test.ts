import { fastify, type FastifyRequest } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { Route } from './define-route.ts';
import { acceptUploads } from './read-upload.ts';
import { UploadedFile } from './uploaded-file.ts';

test('files count as long as they are being stored, and no longer', async () => {
  const server = fastify();
  onTestFinished(() => server.close());
  await acceptUploads(server, 1_000);
  const storing: (() => void)[] = [];
  const route = { upload: { maxBytes: 600 } } as unknown as Route;
  const handler = async (request: FastifyRequest): Promise<string> => {
    if (!(request.body instanceof UploadedFile)) throw new Error('there is no file');
    request.body.hold();
    await new Promise<void>((settle) => storing.push(settle));
    request.body.release();
    return 'stored';
  };
  server.route({ method: 'POST', url: '/files', config: { route }, handler });
  const upload = async (): Promise<string> => {
    const body = new FormData();
    body.append('file', new Blob(['x'.repeat(600)]), 'a.txt');
    const form = new Response(body);
    const payload = Buffer.from(await form.arrayBuffer());
    const headers = { 'content-type': form.headers.get('content-type') ?? '' };
    return (await server.inject({ method: 'POST', url: '/files', headers, payload })).body;
  };
  const first = upload();
  await expect.poll(() => storing.length).toBe(1);
  expect(await upload()).toContain('Too many files');
  storing[0]?.();
  expect(await first).toBe('stored');
  const next = upload();
  await expect.poll(() => storing.length).toBe(2);
  storing[1]?.();
  expect(await next).toBe('stored');
});
