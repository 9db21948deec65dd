import type { Place } from './place.ts';
import type { Served } from './server.ts';

const callers = 16;
/** So many users share the turns, so that most turns have a history as long as a bot shows its model. */
const turnsOfUser = 40;

/** What `turns` streamed turns add to the database with its indexes, in bytes a turn. The server is started and stopped. */
export const bytesOfTurns = async (place: Place, turns: number, start: () => Promise<Served>): Promise<number> => {
  const before = await place.sizeBytes();
  const served = await start();
  try {
    let taken = 0;
    const call = async (caller: number): Promise<void> => {
      for (let own = 0; taken < turns; own++) {
        taken += 1;
        await served.streamTurn({ user_id: `bytes-${caller}-${Math.floor(own / turnsOfUser)}` });
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  } finally {
    await served.stop();
  }
  return ((await place.sizeBytes()) - before) / turns;
};
