/** How one model of one provider wants to be asked, where servers of the dialect differ. */
export type Quirks = {
  /** The parameter for the length of the reply; null where the model takes neither. */
  readonly replyLimit: 'max_tokens' | 'max_completion_tokens' | null;
  readonly temperature: boolean;
  /** Whether `stream_options` may ask for the usage. */
  readonly streamOptions: boolean;
  /** False where only `user` and `assistant` are known; instructions then lead the first user message. */
  readonly systemRole: boolean;
  /** True where the first message after the instructions must be the user's. */
  readonly userFirst: boolean;
};

/**
 * OpenAI's reasoning models, whoever serves them: they refuse `max_tokens` and any temperature but their own.
 * https://platform.openai.com/docs/guides/reasoning
 */
const reasoningModel = /(^|\/)(o\d|gpt-[5-9](?!.*chat))/;

/** What is assumed of a model before it has refused anything. */
export const initialQuirks = (model: string): Quirks => {
  const reasoning = reasoningModel.test(model.toLowerCase());
  return {
    replyLimit: reasoning ? 'max_completion_tokens' : 'max_tokens',
    temperature: !reasoning,
    streamOptions: true,
    systemRole: true,
    userFirst: false,
  };
};
