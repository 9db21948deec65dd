import type { Mode } from '../access/principal.ts';

/** The receipt of an erasure. It holds nothing of the person but a hash of the user id. */
export type Erasure = {
  id: string;
  workspaceId: string;
  mode: Mode;
  userHash: string;
  /** `completed`: nothing of the person is left in the store. */
  status: 'running' | 'completed';
  /** What was removed; final once it is completed. */
  users: number;
  conversations: number;
  messages: number;
  turns: number;
  createdAt: number;
  completedAt: number | null;
};
