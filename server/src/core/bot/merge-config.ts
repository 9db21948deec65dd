import type { BotConfig, BotKnowledge, BotMemory } from './bot.ts';

/** Fields to set; what is left out stays as it is. Pairs (`branding`, `metadata`) are replaced as a whole. */
export type BotChange = Partial<Omit<BotConfig, 'memory' | 'knowledge'>> & {
  memory?: Partial<BotMemory>;
  knowledge?: Partial<BotKnowledge>;
};

export const mergeConfig = (config: BotConfig, change: BotChange): BotConfig => ({
  ...config,
  ...change,
  memory: { ...config.memory, ...change.memory },
  knowledge: { ...config.knowledge, ...change.knowledge },
});
