import { isAcknowledged } from './history.ts';
import type { Evidence, Violation } from './evidence.ts';
import { nameOf, textOf } from './model-text.ts';
import type { ModelServer } from './model-server.ts';
import { checkStreams } from './check-streams.ts';
import type { StoredMessage } from './stored-state.ts';

/**
 * Compares what clients were told with what is stored and with what the API says now. The invariants are numbered:
 *
 * I1 an acknowledged message is stored once, in its client's order; a refused one is not. I2 what a client saw of an ended
 * turn is what the turn is. I3 a turn has one reply at most, and it is the text of one call of the model, or its beginning
 * where the turn was interrupted. I4 a key makes one turn. I5 no counter is above its limit; reservations are gone once it
 * is quiet, and what is used is what was charged. I6 a turn is charged once where it completed, and never otherwise.
 * I7 events of an attempt are numbered without a gap and never change. I8 what is told to a webhook is told at least once
 * and under one id, again only where the process died. I9 nobody sees another tenant's words. L: every operation ends,
 * within a minute after the last fault. E (`check-others.ts`): of the requests to servers that nothing was done to fewer
 * than one in a hundred fails. I5 is watched all the while, too (`watch-quotas.ts`).
 */
export const check = async (evidence: Evidence): Promise<Violation[]> => [
  ...checkStored(evidence),
  ...(await checkStreams(evidence)),
  ...(await checkTenants(evidence)),
];

type Stored = Omit<Evidence, 'url'>;

/** What needs no server to be asked. */
export const checkStored = (evidence: Stored): Violation[] => [
  ...checkMessages(evidence),
  ...checkReplies(evidence),
  ...checkKeys(evidence),
  ...checkQuota(evidence),
  ...checkDeliveries(evidence),
  ...evidence.history.flatMap(({ outcome, text }) =>
    outcome === 'open' ? [{ invariant: 'L', what: `${nameOf(text)} did not come to an end` }] : [],
  ),
];

const checkMessages = ({ history, state }: Stored): Violation[] => {
  const stored = Map.groupBy(
    state.messages.filter(({ role }) => role === 'user'),
    ({ text }) => text,
  );
  const violations: Violation[] = [];
  const wrong = (what: string): void => void violations.push({ invariant: 'I1', what });
  /** The last place of an earlier message, by user. */
  const places = new Map<string, { order: number; seq: number; conversation: string; last: number }>();
  for (const operation of history) {
    const rows = stored.get(operation.text) ?? [];
    const name = nameOf(operation.text);
    if (rows.length > 1) wrong(`${name} is stored ${rows.length} times`);
    if (isAcknowledged(operation) && rows.length === 0) wrong(`${name} was acknowledged and is not stored`);
    if (operation.outcome === 'refused' && rows.length > 0) wrong(`${name} was refused and is stored`);
    const [row] = rows;
    if (!row || !isAcknowledged(operation)) continue;
    const before = places.get(operation.userId);
    if (before && before.conversation !== row.conversation_id) wrong(`${name} is in another conversation`);
    const floor = before ? (before.order === operation.order ? before.seq : before.last) : 0;
    if (row.seq <= floor) wrong(`${name} stands before an earlier message`);
    places.set(operation.userId, {
      order: operation.order,
      seq: floor,
      conversation: row.conversation_id,
      last: Math.max(before?.last ?? 0, row.seq),
    });
  }
  return violations;
};

const checkReplies = ({ state, model }: Stored): Violation[] => {
  const violations: Violation[] = [];
  const byTurn = Map.groupBy(
    state.messages.filter(({ turn_id: turnId }) => turnId !== null),
    ({ turn_id: turnId }) => turnId,
  );
  for (const turn of state.turns) {
    const messages = byTurn.get(turn.id) ?? [];
    const replies = messages.filter(({ role }) => role === 'assistant');
    if (replies.length > 1) violations.push({ invariant: 'I3', what: `${turn.id} has ${replies.length} replies` });
    const [reply] = replies;
    const question = messages.find(({ role }) => role === 'user');
    if (!question) violations.push({ invariant: 'I1', what: `${turn.id} has no message` });
    else if (turn.status === 'completed' && !reply) {
      violations.push({ invariant: 'I3', what: `${turn.id} completed without a reply` });
    } else if (reply && !isOfOneCall(model, { question, reply, whole: turn.status === 'completed' })) {
      violations.push({ invariant: 'I3', what: `${turn.id} (${turn.status}) has the reply ${reply.text}` });
    }
  }
  return violations;
};

const isOfOneCall = (
  model: ModelServer,
  { question, reply, whole }: { question: StoredMessage; reply: StoredMessage; whole: boolean },
): boolean =>
  Array.from({ length: model.callsFor(nameOf(question.text)) }, (_, index) =>
    textOf(nameOf(question.text), index + 1),
  ).some((text) => (whole ? text === reply.text : text.startsWith(reply.text)));

const checkKeys = ({ history, state }: Stored): Violation[] => {
  const violations: Violation[] = [];
  const turnOfKey = new Map(state.keys.map(({ key, subject_id: turnId }) => [key, turnId]));
  for (const { key, turnIds, ended, text } of history) {
    const wrong = (what: string): void => void violations.push({ invariant: 'I4', what });
    if (turnIds.size > 1) wrong(`${key} made ${[...turnIds].join(' and ')}`);
    for (const turnId of turnIds) {
      if (turnOfKey.get(key) !== turnId) wrong(`${key} is noted for ${turnOfKey.get(key)}, not for ${turnId}`);
    }
    const contents = new Set(ended.map(({ reply }) => reply?.content));
    if (contents.size > 1) wrong(`${nameOf(text)} was answered in ${contents.size} ways`);
  }
  return violations;
};

const checkQuota = ({ state }: Stored): Violation[] => {
  const violations: Violation[] = [];
  for (const { owner_id: owner, used, reserved, hard_limit: limit } of state.counters) {
    const charged = state.ledger.filter(({ owner_id: id }) => id === owner).reduce((sum, row) => sum + row.messages, 0);
    if (reserved !== 0) violations.push({ invariant: 'I5', what: `${owner} has ${reserved} reserved` });
    if (used !== charged) violations.push({ invariant: 'I5', what: `${owner} used ${used}, charged ${charged}` });
    if (limit !== null && used > limit) {
      violations.push({ invariant: 'I5', what: `${owner} used ${used} of ${limit}` });
    }
  }
  const charges = Map.groupBy(state.ledger, ({ owner_id: owner, turn_id: turn }) => `${owner} ${turn}`);
  for (const [place, rows] of charges) {
    if (rows.length > 1) violations.push({ invariant: 'I6', what: `${place} was charged ${rows.length} times` });
  }
  const chargedTurns = new Set(state.ledger.map(({ turn_id: turnId }) => turnId));
  for (const { id, status, charged } of state.turns) {
    const due = status === 'completed';
    if (chargedTurns.has(id) !== due || charged > 0 !== due) {
      violations.push({ invariant: 'I6', what: `${id} is ${status} and ${due ? 'was not' : 'was'} charged` });
    }
  }
  return violations;
};

const checkDeliveries = ({ state, webhooks, tenants, history, faults }: Stored): Violation[] => {
  const violations: Violation[] = [];
  const wrong = (what: string): void => void violations.push({ invariant: 'I8', what });
  const ofFirst = new Set(history.flatMap(({ tenant, turnIds }) => (tenant === tenants[0]?.name ? [...turnIds] : [])));
  const told = Map.groupBy([...webhooks.received.values()], ({ turnId }) => turnId);
  for (const { id, status } of state.turns) {
    const events = told.get(id) ?? [];
    if (events.length > 1) wrong(`${id} was told of under ${events.length} ids`);
    if (status === 'completed' && ofFirst.has(id) && events.length === 0) wrong(`${id} was not told of`);
  }
  const repeats = [...webhooks.received.values()].reduce((sum, { times }) => sum + times - 1, 0);
  // one endpoint gets four deliveries at once, and a process that dies leaves those it had not noted
  if (repeats > faults * 4) wrong(`${repeats} deliveries were repeated, in ${faults} faults`);
  return violations;
};

/** Turns that are asked for with the other tenant's key. */
const strangersAsked = 10;

const checkTenants = async ({ url, tenants, history, model }: Evidence): Promise<Violation[]> => {
  const violations = model.strays.map((what) => ({ invariant: 'I9', what }));
  for (const tenant of tenants) {
    const theirs = history.filter((operation) => operation.tenant !== tenant.name);
    for (const turnId of theirs.flatMap(({ turnIds }) => [...turnIds]).slice(0, strangersAsked)) {
      const { status } = await fetch(`${url}/v1/turns/${turnId}`, {
        headers: { authorization: `Bearer ${tenant.key}` },
      });
      // the agency's key may act for its client, but only by naming it
      if (status !== 404) violations.push({ invariant: 'I9', what: `${tenant.name} reads ${turnId}: ${status}` });
    }
  }
  return violations;
};
