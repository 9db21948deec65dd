import { inParallel } from './in-parallel.ts';
import { addSources, ask, createBot } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import { readXquad } from './xquad-data.ts';

const languages = ['en', 'es', 'de', 'zh'];
const paragraphsOfBot = 2;
/** Whose questions a bot is asked that it cannot answer: those of the bot so many places further on. */
const strangerAt = 7;

/**
 * Bots that know two paragraphs each, those with which an article begins: each is asked the questions of its own paragraphs
 * and those of another bot's. Right is an answer, and then the fallback; the figure is the mean of the two shares.
 */
export const smallBots: QualityPart = {
  name: 'small-bots',
  async run({ serve, data }) {
    const { call, stop } = await serve();
    const rows: QualityRow[] = [];
    for (const language of languages) {
      const { paragraphs, questions } = readXquad(data, language);
      const articles = Map.groupBy(paragraphs.keys(), (at) => paragraphs[at]!.article);
      const bots = await inParallel([...articles.values()], async (places) => {
        const own = places.slice(0, paragraphsOfBot);
        const botId = await createBot(call, `XQuAD ${language} ${own[0]}`);
        await addSources(
          call,
          botId,
          own.map((at) => paragraphs[at]!),
        );
        return { botId, questions: questions.filter(({ paragraph }) => own.includes(paragraph)) };
      });
      const fallbacks = async (offset: number) => {
        const asked = bots.flatMap(({ botId }, at) =>
          bots[(at + offset) % bots.length]!.questions.map(({ text }) => ({ botId, text })),
        );
        const replies = await inParallel(asked, ({ botId, text }) => ask(call, botId, text));
        return { share: replies.filter(({ fallback }) => fallback).length / asked.length, n: asked.length };
      };
      const [own, strange] = [await fallbacks(0), await fallbacks(strangerAt)];
      const plain = { baseline: null, reach: null };
      const answered = 1 - own.share;
      rows.push(
        {
          what: `XQuAD ${language}, balanced accuracy`,
          ...plain,
          got: (answered + strange.share) / 2,
          n: own.n + strange.n,
        },
        { what: `XQuAD ${language}, answered by who knows it`, ...plain, got: answered, n: own.n },
        { what: `XQuAD ${language}, fallback of who does not`, ...plain, got: strange.share, n: strange.n },
      );
    }
    await stop();
    return rows;
  },
};
