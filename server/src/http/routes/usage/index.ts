import type { Route } from '../../define-route.ts';
import type { RouteParts } from '../../route-parts.ts';
import { getDailyUsageRoute } from './get-daily-usage.ts';
import { getUsageRoute } from './get-usage.ts';
import { listLedgerRoute } from './list-ledger.ts';

export const usageRoutes = (parts: Pick<RouteParts, 'readers' | 'clock'>): Route[] => [
  getUsageRoute(parts),
  getDailyUsageRoute(parts),
  listLedgerRoute(parts),
];
