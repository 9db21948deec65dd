import { rememberConversation, type RememberParts } from '../../core/memory/remember-conversation.ts';
import { packConversation } from '../../core/recall/pack-conversation.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';

/** A conversation that is not packed is brought up again by the first question that searches it. */
const attempts = 3;

/** Packs a conversation for recall. It waits for nobody, and the next turn may want it. */
export const packConversationKind = (parts: RememberParts): JobKind => ({
  lapsesAfter: attempts,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { conversationId } = readPayload<'pack-conversation'>(run.payload, { conversationId: 'string' });
    const steps = [packConversation(parts)];
    await rememberConversation({ workspaceId, conversationId }, { ...parts, steps }, run.signal);
  },
});
