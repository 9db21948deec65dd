import { rememberConversation, type RememberParts } from '../../core/memory/remember-conversation.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';

/** A model that is away for longer is asked again behind the conversation's next turn. */
const attempts = 3;

/** Makes of a conversation what is to be remembered of it. */
export const rememberConversationKind = (parts: RememberParts): JobKind => ({
  lane: 'background',
  lapsesAfter: attempts,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { conversationId } = readPayload<'remember-conversation'>(run.payload, { conversationId: 'string' });
    await rememberConversation({ workspaceId, conversationId }, parts, run.signal);
  },
});
