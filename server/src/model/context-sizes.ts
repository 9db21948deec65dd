/**
 * Context sizes in tokens by the beginning of a model's name, for hosted models whose vendors publish a fixed size on
 * their model pages (OpenAI, Anthropic, Google, Mistral, DeepSeek, xAI, Groq's and Together's names for Llama). Where a vendor
 * counts input apart from output, as from gpt-5 on, this is the input. What a local server runs depends on how it was
 * started, hence names with a tag (`llama3.1:8b`) are unknown here.
 */
const sizes: readonly (readonly [prefix: string, tokens: number])[] = [
  ['gpt-3.5-turbo', 16_385],
  ['gpt-4', 8_192],
  ['gpt-4-32k', 32_768],
  ['gpt-4-turbo', 128_000],
  ['gpt-4-1106', 128_000],
  ['gpt-4-0125', 128_000],
  ['gpt-4o', 128_000],
  ['chatgpt-4o', 128_000],
  ['gpt-4.1', 1_047_576],
  ['gpt-5', 272_000],
  ['gpt-5-chat', 128_000],
  ['gpt-6', 922_000],
  ['o1', 200_000],
  ['o1-mini', 128_000],
  ['o1-preview', 128_000],
  ['o3', 200_000],
  ['o4-mini', 200_000],
  ['gpt-oss', 131_072],
  ['gemini-1.5-pro', 2_097_152],
  ['gemini-1.5-flash', 1_048_576],
  ['gemini-2', 1_048_576],
  ['gemini-3', 1_048_576],
  ['mistral-large', 131_072],
  ['mistral-medium', 131_072],
  ['mistral-small', 32_768],
  ['ministral-', 131_072],
  ['open-mistral-nemo', 131_072],
  ['codestral', 32_768],
  ['deepseek-chat', 65_536],
  ['deepseek-reasoner', 65_536],
  ['grok-3', 131_072],
  ['grok-4', 256_000],
  ['llama-3.1-', 131_072],
  ['llama-3.2-', 131_072],
  ['llama-3.3-', 131_072],
  ['meta-llama-3.1-', 131_072],
  ['llama3-', 8_192],
  ['claude-', 200_000],
  ['claude-opus-5', 1_000_000],
  ['claude-sonnet-5', 1_000_000],
  ['claude-haiku-5', 1_000_000],
  ['claude-fable-5', 1_000_000],
];

/** The size of a model's context in tokens by the longest prefix that fits; null where it is unknown. */
export const contextSize = (model: string): number | null => {
  if (model.includes(':')) return null;
  // Gateways put the vendor before the name: `openai/gpt-4o`.
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  let best: (typeof sizes)[number] | null = null;
  for (const entry of sizes) {
    if (name.startsWith(entry[0]) && (best === null || entry[0].length > best[0].length)) best = entry;
  }
  return best?.[1] ?? null;
};
