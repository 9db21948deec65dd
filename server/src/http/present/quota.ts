import type { quotaInput, quotaSchema } from '@parley/protocol/quota-schemas';
import type { z } from 'zod';
import type { QuotaLimits } from '../../core/usage/quota-limits.ts';

export const presentQuota = (limits: QuotaLimits | null): z.output<typeof quotaSchema> | null =>
  limits && { messages_per_month: limits.messagesPerMonth, warn_at: limits.warnAt };

type QuotaInput = z.output<typeof quotaInput> | null;

const toQuota = (body: QuotaInput): QuotaLimits | null =>
  body && { messagesPerMonth: body.messages_per_month, warnAt: body.warn_at ?? null };

/** The limits that a field of a body sets; undefined where it was left out. */
export const toQuotaOrUndefined = (body: QuotaInput | undefined): QuotaLimits | null | undefined =>
  body === undefined ? undefined : toQuota(body);
