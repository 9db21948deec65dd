import type { Message } from '../../core/conversation/conversation.ts';
import { packMap, packParts } from '../turn-rows.ts';
import type { TurnStatements } from './turn-statements.ts';

export const insertMessage = async (statements: TurnStatements, message: Message): Promise<void> => {
  const { text, parts } = packParts(message.parts);
  await statements.run(
    'insertMessage',
    ...[message.workspaceId, message.conversationId, message.seq, message.id, message.turnId, message.role],
    ...[text, parts, message.tokens, packMap(message.metadata)],
    ...[message.citations.length > 0 ? JSON.stringify(message.citations) : null, message.createdAt],
  );
};
