/**
 * Does the reply hold the answer, and does the first citation name the right source? 240 paragraphs of XQuAD as sources of
 * a bot with the builtin model, its 1,190 questions through `POST /v1/chat`, each from a user of its own.
 *
 *     node bench/quality/xquad.ts [--lang en] [--data ../shared/data] [--url http://… --key prl_…] [--misses 10]
 *
 * Starts a server of its own unless `--url` and `--key` name one.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countWords, holdsAnswer } from './score-reply.ts';
import { spawnServer } from './spawn-server.ts';
import { type Question, readXquad } from './xquad-data.ts';

const atOnce = 8;
const readyBudgetMs = 120_000;
const readyPauseMs = 200;

const { values: flags } = parseArgs({
  options: {
    lang: { type: 'string', default: 'en' },
    data: { type: 'string', default: join(import.meta.dirname, '../../../shared/data') },
    url: { type: 'string' },
    key: { type: 'string' },
    misses: { type: 'string', default: '0' },
  },
});

type Wire = {
  id: string;
  status: string;
  data: { status: string; error: string | null }[];
  has_more: boolean;
  last_id: string;
  finish_reason: string;
  reply: { content: string; citations: { source_id: string }[] };
};

type Call = (method: string, path: string, body?: unknown) => Promise<Wire>;

const caller =
  (url: string, key: string): Call =>
  async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Wire;
  };

/** Runs `work` over the items, `atOnce` at a time, and keeps their order. */
const inParallel = async <Item, Result>(
  items: readonly Item[],
  work: (item: Item, at: number) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as Item, at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
};

const waitUntilReady = async (call: Call, botId: string): Promise<void> => {
  const giveUpAt = performance.now() + readyBudgetMs;
  for (let after = ''; ;) {
    const page = await call('GET', `/v1/bots/${botId}/sources?limit=100${after}`);
    const failed = page.data.find((source) => source.status === 'failed');
    if (failed) throw new Error(`a source failed: ${failed.error}`);
    if (page.data.every((source) => source.status === 'ready')) {
      if (!page.has_more) return;
      after = `&after=${page.last_id}`;
    } else {
      if (performance.now() > giveUpAt) throw new Error('the sources did not become ready');
      await new Promise((resolve) => {
        setTimeout(resolve, readyPauseMs);
      });
    }
  }
};

type Outcome = {
  question: Question;
  text: string;
  answered: boolean;
  cited: boolean;
  fallback: boolean;
  words: number;
};

const measure = async (call: Call): Promise<Outcome[]> => {
  const { paragraphs, questions } = readXquad(flags.data, flags.lang);
  const bot = await call('POST', '/v1/bots', { name: `XQuAD ${flags.lang}`, model: 'builtin' });
  const sources = await inParallel(paragraphs, ({ title, text }) =>
    call('POST', `/v1/bots/${bot.id}/sources`, { type: 'text', title, text }),
  );
  await waitUntilReady(call, bot.id);
  return inParallel(questions, async (question, at) => {
    const turn = await call('POST', '/v1/chat', { bot_id: bot.id, user_id: `reader-${at}`, message: question.text });
    const { content, citations } = turn.reply;
    return {
      question,
      text: content,
      answered: holdsAnswer(content, question.answers),
      cited: citations[0]?.source_id === sources[question.paragraph]?.id,
      fallback: turn.finish_reason === 'fallback',
      words: countWords(content),
    };
  });
};

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const share = (outcomes: readonly Outcome[], holds: (outcome: Outcome) => boolean): string =>
  (outcomes.filter((outcome) => holds(outcome)).length / outcomes.length).toFixed(4);

const report = (outcomes: readonly Outcome[]): void => {
  const words = outcomes.map((outcome) => outcome.words);
  say(`${flags.lang}: ${outcomes.length} questions`);
  say(`replies that hold a right answer    ${share(outcomes, ({ answered }) => answered)}`);
  say(`first citations of the right source ${share(outcomes, ({ cited }) => cited)}`);
  say(`fallbacks                           ${share(outcomes, ({ fallback }) => fallback)}`);
  say(
    `words a reply, mean and most        ${(words.reduce((sum, count) => sum + count, 0) / words.length).toFixed(1)} ${Math.max(...words)}`,
  );
  for (const { question, text } of outcomes.filter(({ answered }) => !answered).slice(0, Number(flags.misses))) {
    say(`\n? ${question.text}\n= ${question.answers.join(' | ')}\n> ${text}`);
  }
};

if (flags.url !== undefined && flags.key !== undefined) {
  report(await measure(caller(flags.url, flags.key)));
} else {
  const server = await spawnServer();
  try {
    report(await measure(caller(server.url, server.key)));
  } finally {
    await server.stop();
  }
}
