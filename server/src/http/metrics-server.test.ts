import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { startMetricsServer } from './metrics-server.ts';

test('metrics on a port of their own need no token, and nothing else is served there', async () => {
  const metrics = createMetrics();
  const count = metrics.addCounter(['turns_total', 'Turns.'], ['outcome'])({ outcome: 'completed' });
  count();
  metrics.observeRequest('listBots', 200, 0.01);
  const server = await startMetricsServer(metrics, { host: '127.0.0.1', port: 0 });
  try {
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('parley_turns_total{outcome="completed"} 1');
    expect((await fetch(`http://127.0.0.1:${server.port}/v1/bots`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' })).status).toBe(404);
  } finally {
    await server.close();
  }
});
