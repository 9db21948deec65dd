import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { boot, type Server } from '../../server/test/boot.ts';
import { selfSigned } from '../../server/test/self-signed.ts';
import { type Cell, modelOf, shapeOfModel } from './cells.ts';
import { type Dialect, type DialectName, dialectNames, dialects } from './dialects.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { startHonestModel } from './honest-model.ts';
import { type Place, shapeOf } from './shapes.ts';
import { timeoutVariables } from './timeouts.ts';

/** A port that nobody listens on: it was free a moment ago. */
const findDeadOrigin = async (): Promise<string> => {
  const probe = createPlainServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return `http://127.0.0.1:${port}`;
};

const startUntrusted = async (): Promise<TlsServer> => {
  const tls = createTlsServer(selfSigned('localhost'), (socket) => socket.end());
  tls.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(tls, 'listening');
  return tls;
};

const variablesOf = (name: string, dialect: Dialect, origin: string): [string, string][] => {
  const prefix = `PARLEY_PROVIDER_${name.toUpperCase()}`;
  return [
    [`${prefix}_TYPE`, dialect.type],
    [`${prefix}_URL`, origin + dialect.basePath],
    [`${prefix}_KEY`, 'sk-canary-4711-secret'],
  ];
};

const providerOf = (dialect: DialectName, place: Place | null): string => `${dialect}${place ?? ''}`;
const honestProvider = 'honest';

/** The models of a cell's bot, as the server knows them. */
export const modelsOf = (cell: Cell): { model: string; follower: string | null } => {
  const shape = shapeOf(cell.shape);
  const provider = providerOf(cell.dialect, 'place' in shape ? shape.place : null);
  // the breaker of the one that follows never opens: it is never at fault
  const follower = cell.chain === 'followed' ? `${honestProvider}/any` : null;
  return { model: `${provider}/${modelOf(cell)}`, follower };
};

export type FaultyWorld = { server: Server; proxy: FaultProxy; close(): Promise<void> };

/** A server whose providers fail by their models' names, each dialect and each place a provider of its own. */
export const startFaultyWorld = async (): Promise<FaultyWorld> => {
  const honest = await startHonestModel();
  const proxy = await startFaultProxy(honest, (model) => {
    const shape = shapeOf(shapeOfModel(model));
    if ('fault' in shape) return shape.fault;
    throw new Error(`a request came through for ${model}`);
  });
  const untrusted = await startUntrusted();
  const origins: Readonly<Record<Place, string>> = {
    refused: await findDeadOrigin(),
    // longer than a name may be, so that no name server need be asked
    unresolved: `http://${'x'.repeat(64)}.invalid`,
    untrusted: `https://localhost:${(untrusted.address() as AddressInfo).port}`,
  };
  const providers = dialectNames.flatMap((name) => [
    ...variablesOf(providerOf(name, null), dialects[name], proxy.origin),
    ...(Object.keys(origins) as Place[]).flatMap((place) =>
      variablesOf(providerOf(name, place), dialects[name], origins[place]),
    ),
  ]);
  const follower = variablesOf(honestProvider, dialects.openai, honest.origin);
  const server = await boot({
    // finite, so that every turn has its reservation and its charge
    plan: { messages_per_month: 100_000 },
    env: { ...timeoutVariables, ...Object.fromEntries([...providers, ...follower]) },
  });
  const close = async (): Promise<void> => {
    await server.close();
    await proxy.close();
    untrusted.close();
    await honest.close();
  };
  return { server, proxy, close };
};
