import type { Config } from '../config/config.ts';
import { CommandError } from './command.ts';

/** Of the two ports that may be configured the one that a failure names; the server's where it names none. */
const failedPort = ({ port, metrics }: Config, error: unknown): { variable: string; port: number } => {
  const named = error instanceof Error && 'port' in error ? error.port : null;
  return metrics.kind === 'port' && metrics.port === named
    ? { variable: 'PARLEY_METRICS_PORT', port: metrics.port }
    : { variable: 'PARLEY_PORT', port };
};

/** Says of a failure to listen, on either port, what to do about it. */
export const listening = async <Result>(config: Config, listen: () => Promise<Result>): Promise<Result> => {
  try {
    return await listen();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const { variable, port } = failedPort(config, error);
    const place = `${config.host}:${port}`;
    if (code === 'EADDRINUSE')
      throw new CommandError(`${place} is taken: set ${variable} to a free port`, { cause: error });
    if (code === 'EACCES')
      throw new CommandError(`this user may not listen on ${place}: set ${variable} to one above 1023`, {
        cause: error,
      });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new CommandError(`this machine has no address ${config.host}: correct PARLEY_HOST`, { cause: error });
    }
    throw error;
  }
};
