import { copyConversation, copyTurn } from './copies.ts';
import { makePlace, type Place } from './place.ts';
import { type Account, Served } from './server.ts';
import type { BenchPostgres } from '../postgres.ts';

/** A store that was filled, for servers to be started on. */
export type Filled = { name: string; place: Place; account: Account };

export type Filling = { directory: string; env: Record<string, string>; postgres: BenchPostgres | null };

const messagesOfTurn = 2;
/** A conversation up to here would be much longer after the measurement, so that each call gets one of its own. */
const shortHistory = 100;
const bytesPerMb = 1024 ** 2;
const callersAtOnce = 16;

/** A store of `size` conversations of one turn each. */
export const fillStore = (name: string, size: number, filling: Filling): Promise<Filled> =>
  fill(name, filling, async (served) => {
    const { id: firstTurn } = await served.turn({ user_id: 'first' });
    return (place) => copyConversation(place, firstTurn, size);
  });

/** A store with conversations of each of these lengths, in messages; of short ones there are as many as `calls`. */
export const fillHistories = (
  name: string,
  { lengths, calls }: { lengths: readonly number[]; calls: number },
  filling: Filling,
): Promise<Filled> =>
  fill(name, filling, async (served) => {
    const long: { turnId: string; copies: number }[] = [];
    for (const length of lengths) {
      const turns = length / messagesOfTurn;
      const users = historyUsers(length, calls);
      if (length <= shortHistory) await takeTurns(served, { users, turns });
      else long.push({ turnId: (await served.turn({ user_id: historyUser(length, 0) })).id, copies: turns - 1 });
    }
    return async (place) => {
      for (const [nth, { turnId, copies }] of long.entries()) await copyTurn(place, turnId, { count: copies, nth });
    };
  });

/** Who has a conversation of that length, by the number of a call. */
export const historyUser = (length: number, call: number): string =>
  length > shortHistory ? `history-${length}` : `history-${length}-${call}`;

const historyUsers = (length: number, calls: number): string[] =>
  Array.from({ length: calls }, (_, call) => historyUser(length, call));

const takeTurns = async (served: Served, { users, turns }: { users: string[]; turns: number }): Promise<void> => {
  const work = async (): Promise<void> => {
    for (let user = users.pop(); user !== undefined; user = users.pop()) {
      for (let turn = 0; turn < turns; turn++) await served.turn({ user_id: user });
    }
  };
  await Promise.all(Array.from({ length: callersAtOnce }, work));
};

/** `begin` works through the API and gives what is done past it, once the server has stopped. */
const fill = async (
  name: string,
  { directory, env, postgres }: Filling,
  begin: (served: Served) => Promise<(place: Place) => Promise<void>>,
): Promise<Filled> => {
  const startedAt = performance.now();
  const place = await makePlace(name, { directory, postgres });
  const served = await Served.start(place, env);
  let copy: (place: Place) => Promise<void>;
  try {
    copy = await begin(served);
  } finally {
    await served.stop();
  }
  await copy(place);
  await place.tidy();
  const mb = ((await place.sizeBytes()) / bytesPerMb).toFixed(0);
  console.log(`${name}: ${mb} MB, filled in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  return { name, place, account: served.account };
};
