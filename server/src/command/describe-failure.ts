import { ConfigError } from '../config/config-error.ts';
import { ParleyError } from '../core/error.ts';
import { CommandError, exitCodes, UsageError } from './command.ts';

/** The exit code of a command that threw, and what the operator reads of it. Only what nobody foresaw has a stack. */
export const describeFailure = (error: unknown): { code: number; text: string } => {
  if (error instanceof UsageError) {
    return { code: exitCodes.misused, text: `${error.message}\nRun "parley help" for what there is.` };
  }
  if (error instanceof ConfigError || error instanceof CommandError) {
    return { code: exitCodes.failed, text: error.message };
  }
  if (error instanceof ParleyError) return { code: exitCodes.failed, text: error.detail };
  return { code: exitCodes.failed, text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
};
