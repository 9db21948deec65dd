import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ParleyError } from '../../../core/error.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import type { Metrics } from '../../metrics.ts';

/** The metrics behind the operator's token. It is open to no API key: they describe the installation, not a workspace. */
export const readMetricsRoute = (metrics: Metrics, token: string): Route => {
  const expected = digest(`Bearer ${token}`);
  return defineRoute({
    method: 'GET',
    path: '/metrics',
    operationId: 'readMetrics',
    summary: 'Metrics for Prometheus',
    description: "Needs `Authorization: Bearer` with the operator's metrics token.",
    tag: 'Operations',
    access: 'public',
    replies: { 200: z.string().describe("Prometheus' text format.") },
    otherContent: { 200: ['text/plain'] },
    errors: ['missing_api_key', 'invalid_api_key'],
    handler: async ({ header }) => {
      const given = header('authorization');
      if (given === undefined) throw new ParleyError('missing_api_key', 'Send the metrics token as a bearer token.');
      // digests have one length, so that the comparison takes the same time for every guess
      if (!timingSafeEqual(digest(given), expected)) {
        throw new ParleyError('invalid_api_key', 'This is not the metrics token.');
      }
      return { status: 200, body: await metrics.read(), headers: { 'content-type': metrics.contentType } };
    },
  });
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
