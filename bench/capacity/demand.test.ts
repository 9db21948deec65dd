import { expect, it } from 'vitest';
import { demandOf, type Habits, type TurnCost } from './demand.ts';

const cost: TurnCost = { serverCpuMs: 3, databaseCpuMs: 1, storedBytes: 5_000, restMb: 100, streamKb: 32 };
const habits: Habits = { turnsOfConversation: 6, peakFactor: 4, replySeconds: 8, fullShare: 0.5, retentionDays: 100 };

it('multiplies what a turn costs by the turns of the busiest minute', () => {
  const demand = demandOf(8_640_000, cost, habits);
  // 600 turns a second on average
  expect(demand.peakTurnsPerSecond).toBeCloseTo(2_400);
  expect(demand.openStreams).toBeCloseTo(19_200);
  expect(demand.servers).toBe(15);
  expect(demand.serverMemoryMb).toBeCloseTo(140);
  expect(demand.databaseProcessors).toBeCloseTo(4.8);
  expect(demand.storedGbPerDay).toBeCloseTo(259.2);
  expect(demand.storedTb).toBeCloseTo(25.92);
});

it('plans three servers where one would do, and no memory that nobody measured', () => {
  const demand = demandOf(100, { ...cost, streamKb: null }, habits);
  expect(demand).toMatchObject({ servers: 3, serverMemoryMb: null });
});
