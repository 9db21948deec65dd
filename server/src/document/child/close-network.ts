import { registerHooks } from 'node:module';

/**
 * Runs before everything else in the process that parses, and takes from it every way to the network that Node has.
 * Where the system gives it no network in the first place this is the second lock; elsewhere it is the only one.
 */
const closed = new Set(
  `child_process cluster dgram dns dns/promises http http2 https inspector inspector/promises net repl sqlite tls wasi
  worker_threads`.split(/\s+/),
);

const bare = (specifier: string): string => (specifier.startsWith('node:') ? specifier.slice(5) : specifier);

const refuse = (specifier: string): never => {
  throw new Error(`${specifier} is closed in the process that parses`);
};

registerHooks({
  resolve(specifier, context, nextResolve) {
    return closed.has(bare(specifier)) ? refuse(specifier) : nextResolve(specifier, context);
  },
});

const builtin = process.getBuiltinModule.bind(process);
const guarded = (id: string): object | undefined => (closed.has(bare(id)) ? refuse(id) : builtin(id));

const take = (target: object, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, writable: false, configurable: false });
};

take(process, 'getBuiltinModule', guarded);
for (const name of ['binding', '_linkedBinding', 'dlopen', 'kill', 'abort']) take(process, name, undefined);
for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel', 'Worker']) {
  take(globalThis, name, undefined);
}

// What a package prints would go between the answers, and could hold text of the document.
const silent = (): void => {};
for (const name of ['debug', 'error', 'info', 'log', 'trace', 'warn']) take(console, name, silent);
