import type { widgetConfigSchema } from '@parley/protocol/widget-schemas';
import type { z } from 'zod';
import type { Bot } from '../../core/bot/bot.ts';

/** Field by field: a bot's instructions, models and metadata are nobody's business on a web page. */
export const presentWidgetConfig = ({ id, config }: Bot): z.output<typeof widgetConfigSchema> => ({
  object: 'widget_config',
  bot_id: id,
  name: config.name,
  greeting: config.greeting,
  language: config.language,
  branding: config.branding,
});
