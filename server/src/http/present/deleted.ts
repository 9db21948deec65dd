import type { deletedSchema } from '@parley/protocol/common-schemas';
import type { z } from 'zod';

/** What a deletion answers. */
export const presentDeleted = (object: string, id: string): z.output<typeof deletedSchema> => ({
  id,
  object,
  deleted: true,
});
