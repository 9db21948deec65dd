import { fastifySwagger } from '@fastify/swagger';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { isWithin, type Network } from '../kit/client-address.ts';
import type { Logger } from '../kit/logger.ts';
import { describeApi, swaggerOptions } from './api-description.ts';
import { assertPlainBody } from './assert-plain-body.ts';
import type { Route } from './define-route.ts';
import { ParleyError } from '../core/error.ts';
import { sendProblem } from './error-response.ts';
import { connectionBufferBytes } from './event-stream.ts';
import { defaultBodyLimitBytes, parseJsonBody } from './json-body.ts';
import { auditRefusals } from './audit-refusals.ts';
import { refuseRepeatedKeys } from './idempotency-key.ts';
import { logRequests } from './log-requests.ts';
import type { Metrics, MetricsAccess } from './metrics.ts';
import { registerRoutes, type RegistryParts } from './register-routes.ts';
import { refuseMalformed } from './refuse-malformed.ts';
import { requestIdOf } from './request-id.ts';
import { operationsRoutes } from './routes/operations/index.ts';
import { securityHeaders } from './security-headers.ts';
import { compileValidator } from './validation.ts';

/** A client that sends its headers slower than this keeps a socket for nothing. */
const headersTimeoutMs = 15_000;
/** For the whole request with its body; answers may take longer. */
const requestTimeoutMs = 60_000;
/** Longer than the idle time of common load balancers (60 s), so that it is never us who close first. */
const keepAliveTimeoutMs = 72_000;
/** Names of 256 characters, percent-encoded in UTF-8. */
const maxParamLength = 3_072;

export type HttpServerOptions = RegistryParts & {
  logger: Logger;
  /** All of `apiRoutes`; health, metrics and the description are added here. */
  routes: readonly Route[];
  metrics: Metrics;
  metricsAccess: MetricsAccess;
  /** Peers whose `X-Forwarded-…` headers say who the client is; of anybody else they say nothing. */
  trustedProxies?: readonly Network[];
  /** The largest body where a route says nothing else; 1 MB by default. */
  bodyLimitBytes?: number;
  /** Throws where the server cannot do its work. */
  check: () => Promise<void>;
};

/** The server with all its routes, not yet listening. */
export const createHttpServer = async (options: HttpServerOptions): Promise<FastifyInstance> => {
  const { logger, metrics } = options;
  const trustsProxies = options.trustedProxies !== undefined && options.trustedProxies.length > 0;
  const server = fastify({
    genReqId: requestIdOf,
    ...(trustsProxies ? { trustProxy: (address: string) => isWithin(options.trustedProxies ?? [], address) } : {}),
    bodyLimit: options.bodyLimitBytes ?? defaultBodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // a request without a host is refused by a hook below, with a problem
    http: { headersTimeout: headersTimeoutMs, highWaterMark: connectionBufferBytes, requireHostHeader: false },
    routerOptions: { maxParamLength },
    forceCloseConnections: 'idle',
    // before any hook has run
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, introduce(request, reply)),
    // refused by a hook below, with a problem
    return503OnClosing: false,
    clientErrorHandler: refuseMalformed,
  });
  server.decorateRequest('caller', null);
  server.decorateRequest('refusal', null);
  readJsonOnly(server);
  server.setValidatorCompiler(compileValidator);
  // answers leave as text; this is never asked for more than to exist
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  server.setNotFoundHandler((request, reply) =>
    sendProblem(new ParleyError('not_found', 'There is no such path.'), request, reply),
  );
  logRequests(server, { logger, metrics });
  server.addHook('onRequest', (request, reply, done) => {
    introduce(request, reply);
    done();
  });
  refuseWithoutHost(server);
  refuseRepeatedKeys(server);
  refuseWhenClosing(server);
  auditRefusals(server, options);
  await server.register(fastifySwagger, swaggerOptions);
  const routes: Route[] = [
    ...options.routes,
    ...operationsRoutes({
      check: options.check,
      metrics,
      metricsAccess: options.metricsAccess,
      description: () => describeApi(server, routes),
    }),
  ];
  registerRoutes(server, routes, options);
  await server.ready();
  return server;
};

/** What every answer carries. */
const introduce = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.header('x-request-id', request.id).headers(securityHeaders);

const readJsonOnly = (server: FastifyInstance): void => {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      assertPlainBody(request);
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
};

/** RFC 9112, 3.2: an HTTP/1.1 request has a Host, whatever the server makes of it. */
const refuseWithoutHost = (server: FastifyInstance): void => {
  server.addHook('onRequest', ({ headers, raw }, _reply, done) => {
    if (headers.host === undefined && raw.httpVersion === '1.1') {
      done(new ParleyError('invalid_request', 'The request needs a `Host` header.'));
    } else done();
  });
};

/** Connections that are kept open may still bring requests when the server stops: they belong to whoever comes next. */
const refuseWhenClosing = (server: FastifyInstance): void => {
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  server.addHook('onRequest', (_request, reply, done) => {
    if (!closing) {
      done();
      return;
    }
    reply.header('connection', 'close');
    done(new ParleyError('overloaded', 'The server is stopping. Send the request again.'));
  });
};
