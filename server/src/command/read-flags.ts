import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './command.ts';

/** Reads flags and at most `positionals` words; throws UsageError naming what is not known. */
export const readFlags = <Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  positionals = 0,
) => {
  try {
    const parsed = parseArgs({ args, options, strict: true, allowPositionals: positionals > 0 });
    const surplus = parsed.positionals.at(positionals);
    if (surplus !== undefined) throw new UsageError(`unexpected argument: ${surplus}`);
    return parsed;
  } catch (error) {
    // Node's first sentence names the flag; the rest explains how to escape it
    if (error instanceof TypeError)
      throw new UsageError(error.message.split('. ')[0] ?? error.message, { cause: error });
    throw error;
  }
};
