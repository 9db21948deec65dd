import { type ErrorCode, errorCatalogue, errorTypeUrl } from '@parley/protocol/error-catalogue';
import type { problemSchema } from '@parley/protocol/common-schemas';
import type { z } from 'zod';
import type { ParleyError } from '../../core/error.ts';

type Problem = z.output<typeof problemSchema>;

export const presentProblem = (
  error: Pick<ParleyError, 'detail' | 'param'> & { code: ErrorCode },
  requestId: string,
): Problem => {
  const { status, title, type } = errorCatalogue[error.code];
  return {
    type: errorTypeUrl(error.code),
    title,
    status,
    detail: error.detail,
    instance: requestId,
    error: { type, code: error.code, message: error.detail, param: error.param },
  };
};
