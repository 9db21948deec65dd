import { z } from 'zod';
import { botId, storedPairs, timestamp } from './common-schemas.ts';

/** What every page that shows the chat may know of its bot, and nothing else of it. */
export const widgetConfigSchema = z
  .strictObject({
    object: z.literal('widget_config'),
    bot_id: botId,
    name: z.string(),
    greeting: z.string(),
    language: z.string(),
    branding: storedPairs,
  })
  .meta({ id: 'WidgetConfig' });

export const embedTokenSchema = z
  .strictObject({
    object: z.literal('embed_token'),
    token: z.string().describe('For the header `Parley-Embed-Token`.'),
    expires_at: timestamp,
  })
  .meta({ id: 'EmbedToken' });
