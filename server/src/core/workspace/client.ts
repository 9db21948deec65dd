import type { QuotaLimits } from '../usage/quota-limits.ts';

/** A client workspace, as its agency sees it. It has a plan of its own or a share of the agency's quota, never both. */
export type Client = {
  id: string;
  parentId: string;
  name: string;
  plan: string | null;
  share: QuotaLimits | null;
  branding: Record<string, string>;
  metadata: Record<string, string>;
  createdAt: number;
  updatedAt: number;
};

/** What a client has used of its quota in a period. */
export type ClientUsage = { client: Pick<Client, 'id' | 'name' | 'plan' | 'share'>; used: number; reserved: number };
