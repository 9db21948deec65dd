import type { Schema } from '../schema.ts';
import { tenantTables } from '../tenant-tables.ts';

type TableName = keyof Schema;

/** A table whose rows of a workspace are moved: in the order of the columns that tell them apart. */
export type MovedTable = {
  name: TableName;
  /** The column with the workspace's id. */
  workspaceColumn: 'workspace_id' | 'id';
  key: readonly string[];
};

/** Tables that stay where they are, and why. */
export const exemptTables: Readonly<Partial<Record<TableName, string>>> = {
  instance_settings: 'speaks of the installation, and not of a workspace',
};

/**
 * These come last, in this order: with a turn the sweeper finds work, with a job the worker, and with a key people. What
 * they need is there by then.
 */
const lastTables: readonly TableName[] = ['workspaces', 'turns', 'jobs', 'outbox', 'webhook_endpoints', 'api_keys'];

const keyOf = (name: TableName): readonly string[] =>
  name === 'workspaces' ? [] : tenantTables[name as keyof typeof tenantTables];

const names = (['workspaces', ...Object.keys(tenantTables)] as TableName[]).filter((name) => !exemptTables[name]);

export const movedTables: readonly MovedTable[] = [
  ...names.filter((name) => !lastTables.includes(name)).toSorted(),
  ...lastTables.filter((name) => names.includes(name)),
].map((name) => ({ name, workspaceColumn: name === 'workspaces' ? 'id' : 'workspace_id', key: keyOf(name) }));
