import { type ErrorCode, type ErrorEntry, errorCatalogue } from './error-catalogue.ts';

const introduction = `# Errors

Every refusal and every failure has one body, \`application/problem+json\`, which clients of problem+json (RFC 9457) and
OpenAI's SDKs understand alike:

\`\`\`json
{
  "type": "https://parley.dev/errors/not_found",
  "title": "There is no such object",
  "status": 404,
  "detail": "There is no such bot.",
  "instance": "req_01k9z3v5e8f6t9w2x4y7z0a1b3",
  "error": { "type": "not_found_error", "code": "not_found", "message": "There is no such bot.", "param": null }
}
\`\`\`

- Decide by \`error.code\`: codes stay, texts may get better.
- \`detail\` says what is wrong and what to do; \`error.param\` names the field, as a path.
- \`instance\` is the request id, also in the header \`x-request-id\`. Quote it when you ask for help.
- What a turn failed of stands in the operator's log under the turn's id. Every answer to \`POST /v1/chat\` has that in the
  header \`Parley-Turn-Id\` once there is a turn, this body too; a turn and the events of a stream have it as their own.
- "Retry" says whether the same request may succeed later. Where \`Retry-After\` is sent, wait that many seconds. Repeat a
  POST with the same \`Idempotency-Key\`, so that it never counts twice.
- A chat turn that has **failed** (a \`model_…\` error, mostly) is a result: its key tells the same failure for 24 hours. Ask
  again with a new key. An answer that tells of such a turn under a key has \`x-should-retry: false\`, so that SDKs do not
  repeat it by themselves.
- In a stream the status is already 200: a failure comes as the event \`turn.failed\` with the same codes.
`;

/** The catalogue as a page for people: \`docs/errors.md\`, held equal to it by a test. */
export const errorPage = (): string => {
  const entries = Object.entries(errorCatalogue) as [ErrorCode, ErrorEntry][];
  const sections = entries
    .toSorted(([, one], [, other]) => one.status - other.status)
    .map(
      ([code, entry]) =>
        `## ${code}\n\n${entry.title}. Status ${entry.status}, type \`${entry.type}\`, ${entry.retry ? 'retry' : 'no retry'}.\n\n${entry.advice}\n`,
    );
  return [introduction, ...sections].join('\n');
};
