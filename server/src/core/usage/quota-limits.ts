import { ParleyError } from '../error.ts';

/** What one node of the quota tree may use in a period. */
export type QuotaLimits = {
  /** Messages; not one more is accepted. Null for no limit. */
  messagesPerMonth: number | null;
  /** Messages at which somebody is told. Null for nobody. */
  warnAt: number | null;
};

/** Refuses a warning that could never come. */
export const checkQuota = (limits: QuotaLimits | null | undefined, field: string): void => {
  if (!limits || limits.warnAt === null || limits.messagesPerMonth === null) return;
  if (limits.warnAt <= limits.messagesPerMonth) return;
  const param = `${field}.warn_at`;
  throw new ParleyError('invalid_request', `\`${param}\` must not be above \`messages_per_month\`.`, { param });
};
