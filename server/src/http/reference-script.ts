import { fastify } from 'fastify';

let loading: Promise<string> | null = null;

/**
 * The script of the reference page. Its package is five megabytes of text that most processes never need, so it is loaded
 * when somebody looks; the package serves it through a plugin alone, which is asked for it here once.
 */
export const loadReferenceScript = (): Promise<string> => {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
};

const load = async (): Promise<string> => {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const shelf = fastify();
  await shelf.register(reference, { routePrefix: '/', configuration: { url: '/openapi.json' } });
  const { statusCode, body } = await shelf.inject({ url: '/js/scalar.js' });
  await shelf.close();
  if (statusCode !== 200) throw new Error(`the reference page has no script (status ${statusCode})`);
  return body;
};
