import { fastifySwagger } from '@fastify/swagger';
import { fastify, type FastifyInstance } from 'fastify';
import type { Logger } from '../kit/logger.ts';
import { describeApi, swaggerOptions } from './api-description.ts';
import type { Route } from './define-route.ts';
import { ParleyError } from '../core/error.ts';
import { operationOf, sendProblem } from './error-response.ts';
import { defaultBodyLimitBytes, parseJsonBody } from './json-body.ts';
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

export type HttpServerOptions = Omit<RegistryParts, 'logger'> & {
  logger: Logger;
  /** All of `apiRoutes`; health, metrics and the description are added here. */
  routes: readonly Route[];
  metrics: Metrics;
  metricsAccess: MetricsAccess;
  /** Throws where the server cannot do its work. */
  check: () => Promise<void>;
};

/** The server with all its routes, not yet listening. */
export const createHttpServer = async (options: HttpServerOptions): Promise<FastifyInstance> => {
  const { logger, metrics } = options;
  const server = fastify({
    genReqId: requestIdOf,
    bodyLimit: defaultBodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: { headersTimeout: headersTimeoutMs },
    routerOptions: { maxParamLength },
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendProblem(error, reply, { request, logger }),
    clientErrorHandler: refuseMalformed,
  });
  server.decorateRequest('caller', null);
  readJsonOnly(server);
  server.setValidatorCompiler(compileValidator);
  // answers leave as text; this is never asked for more than to exist
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  server.setErrorHandler((error, request, reply) => sendProblem(error, reply, { request, logger }));
  server.setNotFoundHandler((request, reply) =>
    sendProblem(new ParleyError('not_found', 'There is no such path.'), reply, { request, logger }),
  );
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(securityHeaders);
    done();
  });
  logRequests(server, { logger, metrics });
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

const readJsonOnly = (server: FastifyInstance): void => {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
};

/** One line for each request: what went well for those who debug, refusals and failures for everybody. */
const logRequests = (server: FastifyInstance, parts: { logger: Logger; metrics: Metrics }): void => {
  const { logger, metrics } = parts;
  server.addHook('onResponse', (request, reply, done) => {
    const operation = operationOf(request);
    const status = reply.statusCode;
    const durationMs = reply.elapsedTime;
    metrics.observeRequest(operation, status, durationMs / 1_000);
    const level = levelOf(status);
    if (logger.isLevelEnabled(level)) {
      logger[level](
        { request_id: request.id, operation, status, duration_ms: Math.round(durationMs * 10) / 10 },
        'request',
      );
    }
    done();
  });
};

const levelOf = (status: number): 'debug' | 'info' | 'error' => {
  if (status < 400) return 'debug';
  return status < 500 ? 'info' : 'error';
};
