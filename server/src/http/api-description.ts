import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { completeDescription } from './complete-description.ts';
import type { Route, RouteTag } from './define-route.ts';

const tagTexts: Readonly<Record<RouteTag, string>> = {
  Chat: 'Send a message, get the reply.',
  Turns: 'What became of a message: its reply, its events, its context.',
  Bots: 'Who answers, and how.',
  Knowledge: 'What a bot knows, and where it has it from.',
  Conversations: 'Threads between a user and a bot.',
  Users: 'Who chats: what you know of them, who is the same person, and what is kept of them.',
  Usage: 'What was used, and what is left.',
  Keys: 'Who may call the API.',
  Administration: 'The workspace itself.',
  Operations: 'For those who run the server.',
};

export const swaggerOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      description: 'An AI chat engine behind a REST API: bots, conversations, knowledge and usage, with durable turns.',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: Object.entries(tagTexts).map(([name, description]) => ({ name, description })),
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'A server key: `Authorization: Bearer prl_live_…`.' },
        publishableKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A publishable key on a web page: `Authorization: Bearer prl_pub_…`, from an origin that the key allows. Without a token it is a new visitor.',
        },
        visitorToken: {
          type: 'apiKey',
          in: 'header',
          name: 'Parley-Visitor-Token',
          description: 'Proves the same visitor later: from the header of that name of their first reply.',
        },
        userToken: {
          type: 'apiKey',
          in: 'header',
          name: 'Parley-User-Token',
          description:
            'A JSON Web Token, HS256, that your server signs with a user token secret of the bot: `{sub, aud: "parley", bot_id, exp, traits?}`, good for 24 hours at most. The visitor is then the user that `sub` names.',
        },
      },
    },
  },
  transform: jsonSchemaTransform,
  transformObject: jsonSchemaTransformObject,
};

const descriptions = new WeakMap<FastifyInstance, string>();

/** The OpenAPI document of all registered routes as JSON text, made when it is first asked for. */
export const describeApi = (server: FastifyInstance, routes: readonly Route[]): string => {
  let text = descriptions.get(server);
  if (text === undefined) {
    const document = server.swagger() as OpenAPIV3_1.Document;
    text = JSON.stringify(completeDescription(document, routes));
    descriptions.set(server, text);
  }
  return text;
};
