import type { ProviderFault } from '../exchange/provider-fault.ts';
import type { Quirks } from './quirks.ts';

/** What of the optional was sent, and so can be what was refused. */
export type SentParameters = { replyLimit: boolean; temperature: boolean; streamOptions: boolean };

/** The statuses of a request whose form is refused; chat templates that raise an error come as 500. */
const statuses: ReadonlySet<number> = new Set([400, 404, 422, 500]);

const refusal =
  /unsupported|not support|n't support|unrecogni[sz]ed|unknown|unexpected|extra|not permitted|not allowed|not enabled|instead|deprecated|invalid (field|parameter|argument)|additional propert|only the default/;

const systemRefusal =
  /system (role|message|prompt|instruction)|developer instruction|'system'|role.{0,200}(should be|must be) (one of )?['"]?user/;

const turnRefusal =
  /roles? must alternate|alternate user\/assistant|first (message|content).{0,200} (must|should) be|start with a user/;

/** The two names of one parameter, tried in turn, then none. */
const nextReplyLimit = (quirks: Quirks, text: string): Quirks['replyLimit'] => {
  if (quirks.replyLimit === 'max_tokens') return 'max_completion_tokens';
  return text.includes('max_tokens') && !text.includes('max_completion_tokens') ? null : 'max_tokens';
};

/**
 * What a refusal teaches: the form in which the same request may be sent again, or null where the form was not the
 * fault. Some servers name the parameter in `param`, most only in their words.
 */
export const adaptTo = (fault: ProviderFault, quirks: Quirks, sent: SentParameters): Quirks | null => {
  if (fault.status === null || !statuses.has(fault.status)) return null;
  const text = `${fault.param} ${fault.code} ${fault.type} ${fault.message}`.toLowerCase();
  if (!quirks.userFirst && turnRefusal.test(text)) return { ...quirks, userFirst: true };
  if (quirks.systemRole && systemRefusal.test(text) && (refusal.test(text) || /should be|must be|only/.test(text))) {
    return { ...quirks, systemRole: false };
  }
  if (!refusal.test(text)) return null;
  if (sent.streamOptions && /stream_options|include_usage/.test(text)) return { ...quirks, streamOptions: false };
  if (sent.replyLimit && /max_tokens|max_completion_tokens/.test(text)) {
    return { ...quirks, replyLimit: nextReplyLimit(quirks, text) };
  }
  if (sent.temperature && text.includes('temperature')) return { ...quirks, temperature: false };
  return null;
};
