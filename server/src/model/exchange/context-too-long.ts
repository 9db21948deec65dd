import type { ProviderFault } from './provider-fault.ts';

/**
 * How servers say that the prompt does not fit. Gathered from the answers of OpenAI, Azure, vLLM, llama.cpp, Ollama,
 * Mistral, Groq, Gemini, xAI, Together and TGI. A `max_tokens` that is too large for the model is not among them.
 */
const phrases: readonly RegExp[] = [
  /context_length_exceeded|exceed_context_size|string_above_max_length|context_window_exceeded/,
  /maximum context|max(imum)?[ _]model[ _]len|maximum prompt length/,
  /context[ _](length|window|size|limit)/,
  /(prompt|input|request|message)s? (is|are|was) too (long|large)/,
  /input (token count|length) .{0,200}exceeds|too many (input )?tokens/,
  /reduce the length of (the|your) (messages|prompt|input)/,
  /inputs?[`"']? tokens \+ [`"']?max_new_tokens/,
];

/** A prompt that is refused for its size comes with one of these; llama.cpp and gateways use 500. */
const statuses: ReadonlySet<number> = new Set([400, 413, 422, 500]);

export const isContextTooLong = (fault: ProviderFault): boolean => {
  if (fault.status === 413) return true;
  if (fault.status !== null && !statuses.has(fault.status)) return false;
  const text = `${fault.code} ${fault.type} ${fault.message}`.toLowerCase();
  return phrases.some((phrase) => phrase.test(text));
};
