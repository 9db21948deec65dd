import { rememberConversation, type RememberParts } from '../../core/memory/remember-conversation.ts';
import { ModelRefusal } from '../../core/memory/model-refusal.ts';
import { HopelessJob, type JobKind, readPayload, workspaceOf } from '../job-kind.ts';

/** A model that is away for longer is asked again behind the conversation's next turn. */
const attempts = 3;

/** Makes of a conversation what is to be remembered of it. */
export const rememberConversationKind = (parts: RememberParts): JobKind => ({
  lane: 'background',
  lapsesAfter: attempts,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { conversationId } = readPayload<'remember-conversation'>(run.payload, { conversationId: 'string' });
    try {
      await rememberConversation({ workspaceId, conversationId }, parts, run.signal);
    } catch (error) {
      if (error instanceof ModelRefusal)
        throw new HopelessJob(`the models take no question: ${error.code}`, { cause: error });
      throw error;
    }
  },
});
