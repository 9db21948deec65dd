import type { providerSchema } from '@parley/protocol/provider-schemas';
import type { z } from 'zod';
import type { Provider } from '../../core/provider/provider.ts';
import { presentTime } from './time.ts';

export const presentProvider = (provider: Provider): z.output<typeof providerSchema> => ({
  id: provider.id,
  object: 'provider',
  name: provider.name,
  type: provider.type,
  base_url: provider.baseUrl,
  last_four: provider.lastFour,
  created_at: presentTime(provider.createdAt),
  updated_at: presentTime(provider.updatedAt),
});
