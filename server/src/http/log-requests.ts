import { errorCatalogue } from '@parley/protocol/error-catalogue';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ParleyError } from '../core/error.ts';
import type { Logger } from '../kit/logger.ts';
import { operationOf } from './error-response.ts';
import type { Metrics } from './metrics.ts';

type LogParts = { logger: Logger; metrics: Metrics };

/**
 * One line for each request: what went well for those who debug, refusals and failures for everybody. Taken at the end of
 * the connection's part in it, which also comes when the client leaves in the middle of an answer.
 */
export const logRequests = (server: FastifyInstance, parts: LogParts): void => {
  server.addHook('onRequest', (request, reply, done) => {
    const begun = performance.now();
    reply.raw.once('close', () => {
      const turnId = reply.getHeader('parley-turn-id');
      logRequest(request, { status: reply.raw.statusCode, durationMs: performance.now() - begun, turnId }, parts);
    });
    done();
  });
};

const logRequest = (
  request: FastifyRequest,
  { status, durationMs, turnId }: { status: number; durationMs: number; turnId: unknown },
  { logger, metrics }: LogParts,
): void => {
  const operation = operationOf(request);
  metrics.observeRequest(operation, status, durationMs / 1_000);
  if (request.refusal) metrics.countRefusal(request.refusal.code);
  const level = levelOf(request.refusal, status);
  if (!logger.isLevelEnabled(level)) return;
  const line = { request_id: request.id, operation, status, duration_ms: Math.round(durationMs * 10) / 10 };
  const turn = typeof turnId === 'string' ? { turn_id: turnId } : {};
  logger[level]({ ...line, ...turn, ...describeRefusal(request.refusal, level) }, 'request');
};

type Level = 'debug' | 'info' | 'error';

/** A stream that broke off has the status it began with. */
const levelOf = (refusal: ParleyError | null, status: number): Level => {
  const meant = refusal ? Math.max(status, errorCatalogue[refusal.code].status) : status;
  if (meant < 400) return 'debug';
  return meant < 500 ? 'info' : 'error';
};

/** The code of a refusal; of a failure its cause too, which the caller was not told. */
const describeRefusal = (refusal: ParleyError | null, level: Level): { code?: string; err?: unknown } => {
  if (!refusal) return {};
  return level === 'error' ? { code: refusal.code, err: refusal.cause ?? refusal } : { code: refusal.code };
};
