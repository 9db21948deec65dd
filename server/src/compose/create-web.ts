import type { AddressInfo } from 'node:net';
import { createActForClient } from '../core/workspace/act-for-client.ts';
import { createHttpServer } from '../http/create-http-server.ts';
import { startMetricsServer } from '../http/metrics-server.ts';
import { OpenStreams } from '../http/open-streams.ts';
import { createRateLimit } from '../http/rate-limit.ts';
import { createVisitorGate } from '../http/visitor-gate.ts';
import { systemClock } from '../kit/clock.ts';
import { createAuthenticator } from './create-authenticator.ts';
import { createRoutes, type WebParts } from './create-routes.ts';
import type { Environment } from './environment.ts';
import { shareAccessCaches } from './share-caches.ts';

/** How long the last answers may take to leave, once every turn has ended. */
const lastAnswersMs = 250;

/** The HTTP server, not yet listening. */
export const createWeb = async (environment: Environment, parts: WebParts) => {
  const { config, secrets, logger, store, overrides } = environment;
  const clock = systemClock;
  const { authenticator, pepper, lastUses } = createAuthenticator(environment, parts);
  const { createCounter, caches } = parts.replicas;
  const rateLimit = createRateLimit(createCounter);
  const gate = createVisitorGate({
    readers: store.readers,
    transact: parts.transact,
    clock,
    rateLimit,
    createCounter,
    limits: config.visitors,
    visitorKeys: secrets.keysFor('visitor-tokens'),
    embedKeys: secrets.keysFor('embed-tokens'),
  });
  const { forgetUserTokens, ...forgets } = shareAccessCaches(caches, { authenticator, terms: parts.terms, gate });
  const visitors = { ...gate, forgetUserTokens };
  const streams = new OpenStreams(parts.replicas.places);
  parts.metrics.addGauge('open_streams', 'Event streams that are open right now.', () => streams.size);
  const server = await createHttpServer({
    authenticate: (secret) => authenticator.authenticate(secret),
    actForClient: createActForClient(parts.terms),
    rateLimit,
    visitors,
    trustedProxies: config.trustedProxies,
    transact: parts.transact,
    clock,
    answerKeys: secrets.keysFor('idempotent-answers'),
    logger,
    validateResponses: overrides.validateResponses ?? false,
    metrics: parts.metrics,
    metricsAccess: config.metrics,
    check: () => store.check(),
    bodyLimitBytes: config.limits.bodyLimitBytes,
    routes: createRoutes(environment, parts, { forgets, pepper, visitors, streams }),
  });
  let closeMetrics: (() => Promise<void>) | null = null;
  return {
    async listen(): Promise<string> {
      await server.listen({ port: config.port, host: config.host });
      if (config.metrics.kind === 'port') {
        ({ close: closeMetrics } = await startMetricsServer(parts.metrics, {
          host: config.host,
          port: config.metrics.port,
        }));
      }
      const { port } = server.server.address() as AddressInfo;
      return `http://${reachableHost(config.host)}:${port}`;
    },
    close: async () => {
      try {
        await server.close();
      } finally {
        await closeMetrics?.();
      }
    },
    closeStreams: () => streams.closeAll(),
    /** Lets answers that are on their way arrive; then ends connections on which nothing was ever asked, too. */
    cut: async (closed: Promise<void>) => {
      const timer = setTimeout(() => server.server.closeAllConnections(), lastAnswersMs);
      try {
        await closed;
      } finally {
        clearTimeout(timer);
      }
    },
    flush: () => lastUses.close(),
  };
};

/** Where a server that listens everywhere is reached from the machine itself. */
const reachableHost = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};
