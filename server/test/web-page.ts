import { SignJWT } from 'jose';
import { apiClient, type Answer, type EventReader, type Sending } from './api-client.ts';
import type { Server } from './boot.ts';

export const shopOrigin = 'https://shop.example';

/** A publishable key for the bot. */
export const makePublishableKey = async (
  server: Pick<Server, 'send'>,
  botId: string,
  allowedOrigins: readonly string[] = [shopOrigin],
): Promise<{ id: string; secret: string }> => {
  const body = { name: 'Page', type: 'publishable', bot_ids: [botId], allowed_origins: allowedOrigins };
  const answer = await server.send('POST', '/v1/keys', { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body as { id: string; secret: string };
};

/** A page of `origin` as the server sees it: it keeps the visitor's token that it is given, as a page would. */
export const openPage = (
  url: string,
  key: string,
  options: { origin?: string | null; headers?: Record<string, string> } = {},
) => {
  const client = apiClient(url, key);
  const { origin = shopOrigin } = options;
  const page = {
    visitorToken: null as string | null,
    userToken: null as string | null,
    async send(method: string, path: string, request: Sending = {}): Promise<Answer> {
      const answer = await client.send(method, path, withHeaders(request));
      keep(answer.headers);
      return answer;
    },
    async open(method: string, path: string, request: Sending = {}): Promise<EventReader> {
      const stream = await client.open(method, path, withHeaders(request));
      keep(stream.response.headers);
      return stream;
    },
    chat: (message: string, fields: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
      page.send('POST', '/v1/chat', { body: { message, ...fields }, headers }),
  };
  const keep = (headers: Headers): void => {
    page.visitorToken = headers.get('parley-visitor-token') ?? page.visitorToken;
  };
  const withHeaders = (request: Sending): Sending => ({
    ...request,
    headers: {
      ...(origin === null ? {} : { origin }),
      ...(page.visitorToken === null ? {} : { 'parley-visitor-token': page.visitorToken }),
      ...(page.userToken === null ? {} : { 'parley-user-token': page.userToken }),
      ...options.headers,
      ...request.headers,
    },
  });
  return page;
};

export type WebPage = ReturnType<typeof openPage>;

/** A secret of the bot, with which `signUserToken` signs. */
export const makeUserTokenSecret = async (
  server: Pick<Server, 'send'>,
  botId: string,
  body: Record<string, unknown> = {},
): Promise<{ id: string; secret: string }> => {
  const answer = await server.send('POST', `/v1/bots/${botId}/user_token_secrets`, { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body as { id: string; secret: string };
};

/** As a customer's server signs: good for an hour unless the claims say otherwise. */
export const signUserToken = (secret: string, claims: Record<string, unknown>): Promise<string> =>
  new SignJWT({ aud: 'parley', exp: Math.floor(Date.now() / 1_000) + 3_600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
