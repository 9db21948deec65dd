import type { Subject } from './seed.ts';
import type { Request, Requests } from './requests.ts';
import { question } from './workload.ts';

/** One kind of request; `round` counts up, so that deep pages lie at different places. */
type Kind = { name: string; request: (subject: Subject, round: number) => Request };

/** Medians are taken of these: milliseconds a request, by kind. */
export type Comparison = { name: string; small: number[]; large: number[] };

const pageSize = 20;
/** Requests of each kind and size that are not counted: for compilers, caches and prepared statements. */
const warmRounds = 20;
const spread = 7_919;

/** The id before a page that begins in this share of the list, a little elsewhere in each round. */
const cursor = (ids: readonly string[], share: number, round: number): string => {
  const span = Math.max(1, Math.floor(ids.length / 10));
  const place = Math.floor(ids.length * share) + ((round * spread) % span);
  return ids[Math.min(place, ids.length - pageSize - 1)] ?? '';
};

const page = (path: string): Request => ({ method: 'GET', path });

const pagesOf = (name: string, list: (subject: Subject) => { path: string; ids: readonly string[] }): Kind[] => [
  { name: `${name}, first page`, request: (subject) => page(list(subject).path) },
  {
    name: `${name}, in the middle`,
    request: (subject, round) => page(`${list(subject).path}&after=${cursor(list(subject).ids, 0.45, round)}`),
  },
  {
    name: `${name}, near the end`,
    request: (subject, round) => page(`${list(subject).path}&after=${cursor(list(subject).ids, 0.9, round)}`),
  },
  {
    name: `${name}, back from near the end`,
    request: (subject, round) => page(`${list(subject).path}&before=${cursor(list(subject).ids, 0.9, round)}`),
  },
];

const reads: Kind[] = [
  ...pagesOf('conversations of a user', ({ userId, conversationIds }) => ({
    path: `/v1/conversations?user_id=${userId}&limit=${pageSize}`,
    ids: conversationIds,
  })),
  ...pagesOf('conversations of a bot', ({ botId, conversationIds }) => ({
    path: `/v1/conversations?bot_id=${botId}&limit=${pageSize}`,
    ids: conversationIds,
  })),
  ...pagesOf('messages of a conversation', ({ conversationId, messageIds }) => ({
    path: `/v1/conversations/${conversationId}/messages?limit=${pageSize}`,
    ids: messageIds,
  })),
  {
    name: 'a conversation with its latest messages',
    request: ({ conversationId }) => page(`/v1/conversations/${conversationId}`),
  },
];

const turn = (body: Record<string, unknown>): Request => ({
  method: 'POST',
  path: '/v1/chat',
  body: { message: question, ...body },
});

const turns: Kind[] = [
  {
    name: 'a turn in the conversation of so many messages',
    request: ({ botId, conversationId }) => turn({ bot_id: botId, conversation_id: conversationId }),
  },
  {
    name: 'a turn of the user of so many conversations',
    request: ({ botId, userId }) => turn({ bot_id: botId, user_id: userId }),
  },
  {
    name: 'a turn that starts one more conversation',
    request: ({ botId, userId }) => turn({ bot_id: botId, user_id: userId, new_conversation: true }),
  },
];

type Subjects = { small: Subject; large: Subject };

/** Every kind at both sizes, one request after the other, `rounds` times over. */
export const compare = async (requests: Requests, subjects: Subjects, rounds: number): Promise<Comparison[]> => [
  ...(await measureKinds(requests, subjects, { kinds: reads, rounds })),
  // turns make lists longer, so they come behind
  ...(await measureKinds(requests, subjects, { kinds: turns, rounds })),
];

const measureKinds = async (
  requests: Requests,
  subjects: Subjects,
  { kinds, rounds }: { kinds: readonly Kind[]; rounds: number },
): Promise<Comparison[]> => {
  const measured = kinds.map((kind) => ({ kind, comparison: { name: kind.name, small: [], large: [] } as Comparison }));
  for (let round = 0; round < warmRounds + rounds; round++) {
    // the sizes take turns in who goes first
    const order = round % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const);
    for (const { kind, comparison } of measured) {
      for (const size of order) {
        const elapsedMs = await requests.time(kind.request(subjects[size], round));
        if (round >= warmRounds) comparison[size].push(elapsedMs);
      }
    }
  }
  return measured.map(({ comparison }) => comparison);
};
