/** Which conversation a user’s next message goes to. */
export interface CurrentConversationsTable {
  workspace_id: string;
  bot_id: string;
  user_id: string;
  mode: 'live' | 'test';
  conversation_id: string;
}
