import type { ProviderFault } from '../exchange/provider-fault.ts';
import type { Quirks } from './quirks.ts';

/** `max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for …` */
const tooManyTokens = /max_tokens: (\d+) > (\d+)/;

const temperatureRefusal =
  /temperature.{0,200}(not support|n't support|unsupported|deprecated|only|not permitted|not allowed|may not|cannot|must be)/;

/**
 * What a refusal teaches: the form in which the same request may be sent again, or null where the form was not the
 * fault.
 */
export const adaptTo = (fault: ProviderFault, quirks: Quirks, sent: { temperature: boolean }): Quirks | null => {
  if (fault.status !== 400) return null;
  const text = fault.message.toLowerCase();
  const [, asked, allowed] = tooManyTokens.exec(text) ?? [];
  if (allowed !== undefined && Number(allowed) >= 1 && Number(allowed) < Number(asked)) {
    return { ...quirks, maxTokens: Number(allowed) };
  }
  if (sent.temperature && temperatureRefusal.test(text)) return { ...quirks, temperature: false };
  return null;
};
