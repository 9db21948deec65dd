import type { ChatModelError, ChatModelReply } from '../turn/chat-model.ts';
import { EmptyReply } from '../turn/model-attempt.ts';
import type { ModelAttempt } from '../turn/receipt.ts';

/** Why an answer may be without a word, by how it ended. */
export const emptyCodes = {
  stop: 'nothing_written',
  length: 'ended_by_length',
  content_filter: 'ended_by_filter',
  fallback: 'nothing_written',
} as const satisfies Record<ChatModelReply['finishReason'], string>;

/** Why there may be none at all. */
export const refusalCodes = {
  refused: 'question_refused',
  tooLong: 'question_too_long',
  noAccess: 'access_refused',
} as const;

export type RefusalCode =
  | (typeof emptyCodes)[keyof typeof emptyCodes]
  | (typeof refusalCodes)[keyof typeof refusalCodes];

/** What was asked gets no answer, and would get none if it were asked again. The code is what the operator's log shows. */
export class ModelRefusal extends Error {
  override readonly name = 'ModelRefusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super('a model that was asked what is to be remembered does not answer');
    this.code = code;
  }

  /** False where any other question would be refused, too: a wrong key, no such model. */
  get isOfQuestion(): boolean {
    return this.code !== refusalCodes.noAccess;
  }
}

/** What the errors of a chain come to; null where another try may help, with one of its models at least. */
export const refusalOf = (
  attempts: readonly ModelAttempt[],
  errors: readonly ChatModelError[],
): ModelRefusal | null => {
  const isComplete = errors.length > 0 && attempts.every(({ status }) => status !== 'skipped');
  const codes = errors.map(codeOf);
  const lasting = codes.filter((code) => code !== null);
  if (!isComplete || lasting.length < codes.length) return null;
  // of models that nobody can ask nothing is learned about the question
  return new ModelRefusal(lasting.findLast((code) => code !== refusalCodes.noAccess) ?? refusalCodes.noAccess);
};

/** With which a server says that it does not take this request; with 401, 402, 403 and 404 it takes none. */
const questionStatuses: ReadonlySet<number | null> = new Set([400, 413, 422]);

const codeOf = (error: ChatModelError): RefusalCode | null => {
  if (error instanceof EmptyReply) return emptyCodes[error.finishReason];
  if (error.kind === 'context_too_long') return refusalCodes.tooLong;
  if (error.kind !== 'rejected') return null;
  return questionStatuses.has(error.status) ? refusalCodes.refused : refusalCodes.noAccess;
};
