import type { Generated } from 'kysely';

/** Sums by day of acceptance, bot and channel. */
export interface UsageDailyTable {
  workspace_id: string;
  day: string;
  bot_id: string;
  channel: string;
  mode: 'live' | 'test';
  turns: number;
  messages: number;
  input_tokens: number;
  output_tokens: number;
  /** What models used to remember; charged to nobody. */
  memory_input_tokens: Generated<number>;
  memory_output_tokens: Generated<number>;
}
