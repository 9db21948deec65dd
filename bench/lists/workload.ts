/** What users say in seeded and in measured turns. */
export const question = 'Hello there, what can you do for me today?';

/** Messages that a bot shows its model. */
export const memoryMessages = 20;
