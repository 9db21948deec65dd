import { destination, pino, type DestinationStream, type LogFn, type Logger as PinoLogger } from 'pino';

/** From the one that says everything to the one that says nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

export type Logger = PinoLogger;

/**
 * What must not be read in a log even where somebody hands it over by mistake: secrets, and what people wrote. The rule
 * stays that only ids, counts, codes and times are logged.
 */
const hiddenNames = [
  'authorization',
  'cookie',
  'key',
  'apiKey',
  'secret',
  'token',
  'password',
  'content',
  'message',
  'parts',
  'text',
  'body',
  'headers',
];

const redactedPaths = hiddenNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

const standardError = 2;

/**
 * Lines of JSON on standard error, so that standard output belongs to the command line's answers. An error is logged by
 * its name, code and stack; its message may quote what a caller sent, and so is left out, as are those of its causes.
 */
export const createLogger = (level: LogLevel, stream?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[hidden]' },
      hooks: { logMethod: nameTheError },
      serializers: { err: describeError, error: describeError, cause: describeError },
    },
    stream ?? destination({ fd: standardError, sync: true }),
  );

/** Where an error is logged without a word, pino would take the error's message for one. */
function nameTheError(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, text]: readonly unknown[] = args;
  const error = first instanceof Error ? first : isObject(first) ? (first['err'] ?? first['error']) : undefined;
  if (error instanceof Error && text === undefined) method.call(this, first, error.name);
  else method.apply(this, args);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** How far causes are followed: an error may be its own cause. */
const maxCauses = 5;

type ErrorDescription = { type: string; code?: string | number; stack?: string[]; cause?: ErrorDescription };

/** An error without its message. */
export const describeError = (error: unknown, causes = maxCauses): ErrorDescription => {
  if (!(error instanceof Error)) return { type: typeof error };
  const description: ErrorDescription = { type: error.name };
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) {
    description.code = error.code;
  }
  // a message of several lines may look like frames itself
  const from = error.stack?.indexOf(error.message) ?? -1;
  const frames = error.stack
    ?.slice(from < 0 ? 0 : from + error.message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  if (frames) description.stack = frames;
  if (error.cause !== undefined && causes > 0) description.cause = describeError(error.cause, causes - 1);
  return description;
};
