import { createHash } from 'node:crypto';
import type { UserPlace } from './user.ts';

/**
 * What stands for a user where their id must not: in receipts of erasures and in the audit log. SHA-256 of workspace, mode
 * and user id, each on a line, in hexadecimal: whoever knows the id can tell that it is meant, and nobody else who it was.
 */
export const userHash = ({ workspaceId, mode, userId }: UserPlace): string =>
  createHash('sha256').update(`${workspaceId}\n${mode}\n${userId}`).digest('hex');
