import { z } from 'zod';

/** The most that a limit may be: as many as the plans file allows. */
const maxLimit = 1_000_000_000;

const messages = z.int().min(0).max(maxLimit).nullable();

const messagesPerMonth = messages.describe('Messages that are accepted in a calendar month (UTC); null for no limit.');
const warnAt = messages.describe(
  'The charged message with this number is told of by the event `usage.threshold`; null for none.',
);

/** What one node of the quota tree may use, in a request. */
export const quotaInput = z
  .strictObject({ messages_per_month: messagesPerMonth, warn_at: warnAt.optional() })
  .meta({ id: 'SetQuota', examples: [{ messages_per_month: 500, warn_at: 400 }] });

/** The same in an answer. */
export const quotaSchema = z
  .strictObject({ messages_per_month: messagesPerMonth, warn_at: warnAt })
  .meta({ id: 'Quota' });
