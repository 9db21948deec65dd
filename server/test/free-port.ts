import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that the system gives to connections that are begun: one of them could take the port while nobody listens
 * there, or, begun to that very port, meet itself.
 */
const ports = { first: 15_000, count: 17_000 };

const isFree = async (port: number): Promise<boolean> => {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
};

/** A port of the loopback that nobody listens on right now. */
export const findFreePort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries++) {
    const port = ports.first + randomInt(ports.count);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
};
