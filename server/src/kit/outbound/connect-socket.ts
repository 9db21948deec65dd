import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from './read-target.ts';

/** For each address that is tried, its TLS handshake with it. */
const connectTimeoutMs = 5_000;

/** The name stays in SNI and in the check of the certificate; the address is all that is called. */
const open = (address: string, { url, hostname }: Target): Socket => {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  if (url.protocol === 'http:') return connectTcp({ host: address, port, noDelay: true });
  const named = isIP(hostname) === 0 ? { servername: hostname } : {};
  return connectTls({ host: address, port, ...named, ALPNProtocols: ['http/1.1'] }).setNoDelay(true);
};

/** A socket that is connected to exactly this address, with TLS where the target wants it. `signal` ends the attempt. */
export const connectSocket = (address: string, target: Target, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = open(address, target);
    // between this and whoever takes it over, too: a failure nobody hears ends the process
    socket.on('error', () => undefined);
    const settle = (error: Error | null): void => {
      socket.setTimeout(0);
      socket.off('timeout', giveUp).off('error', settle);
      signal.removeEventListener('abort', giveUp);
      if (error === null) resolve(socket);
      else reject(error);
    };
    const giveUp = (): void => void socket.destroy(new Error('the connection was not made in time'));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    socket
      .setTimeout(connectTimeoutMs)
      .once('timeout', giveUp)
      .once('error', settle)
      .once(target.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => settle(null));
  });
