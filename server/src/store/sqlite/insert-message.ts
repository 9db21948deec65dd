import type { Message } from '../../core/conversation/conversation.ts';
import { packMap, packParts } from '../turn-rows.ts';
import type { SqliteConnection } from './connection.ts';
import { turnSql } from './turn-sql.ts';

export const insertMessage = (connection: SqliteConnection, message: Message): void => {
  const { text, parts } = packParts(message.parts);
  connection.run(
    turnSql.insertMessage,
    ...[message.workspaceId, message.conversationId, message.seq, message.id, message.turnId, message.role],
    ...[text, parts, message.tokens, packMap(message.metadata)],
    ...[message.citations.length > 0 ? JSON.stringify(message.citations) : null, message.createdAt],
  );
};
