import { cutQuestions, holdersIn, type Asked, type Cut, type FollowUp } from './follow-up-questions.ts';
import { inParallel } from './in-parallel.ts';
import { addSources, createBot, waitUntilReady } from './knowledge-base.ts';
import type { QualityPart, QualityRow } from './part.ts';
import type { Call } from './quality-server.ts';
import { readXquad } from './xquad-data.ts';

const languages = ['en', 'es', 'de', 'zh'];
/** Follow-ups of a kind and language: more would take minutes and tell no more. */
const most = 100;
/** Questions of the list that a FAQ source may have. */
const itemsOfSource = 100;

type Place = { source_id: string; headings: string[] };
type IsMeant = { cited: (place: Place, meant: Asked) => boolean; shown?: (sourceId: string, meant: Asked) => boolean };
type Turn = { id: string; reply: { citations: Place[] } };
type Shown = { sections: { kind: string; items: { source_id: string }[] }[] };

type Xquad = ReturnType<typeof readXquad>;
/** Shares of `n` follow-ups. */
type Judged = { first: number; shown: number; n: number };

/** Was the right passage the first one that the reply cites, and was it shown to the model at all? */
const judge = async (
  call: Call,
  { botId, followUps }: { botId: string; followUps: readonly FollowUp[] },
  isMeant: IsMeant,
): Promise<Judged> => {
  const list = followUps.slice(0, most);
  const judged = await inParallel(list, async ({ first, second, meant }, at) => {
    const user_id = `${botId}-${followUps[0]?.second}-${at}`;
    const say = (message: string): Promise<Turn> => call<Turn>('POST', '/v1/chat', { bot_id: botId, user_id, message });
    await say(first);
    const { id, reply } = await say(second);
    const { sections } = await call<Shown>('GET', `/v1/turns/${id}/context`);
    const passages = sections.find(({ kind }) => kind === 'knowledge')?.items ?? [];
    const [cited] = reply.citations;
    return {
      first: cited !== undefined && isMeant.cited(cited, meant),
      shown: passages.some(({ source_id }) => isMeant.shown?.(source_id, meant)),
    };
  });
  const share = (hit: (one: (typeof judged)[number]) => boolean): number => judged.filter(hit).length / list.length;
  return { first: share(({ first }) => first), shown: share(({ shown }) => shown), n: list.length };
};

const any = (): boolean => true;
const held = (heldBy: ReadonlySet<number>, { paragraph }: Asked): boolean => heldBy.has(paragraph);
const heldElsewhere = (heldBy: ReadonlySet<number>, meant: Asked): boolean => heldBy.size > 0 && !held(heldBy, meant);

/** The first question of each paragraph, with one of a paragraph `step` further in the article. */
const pairsOf = ({ paragraphs, questions }: Xquad, step: number): [first: Asked, second: Asked][] =>
  paragraphs.flatMap(({ article }, at) => {
    const mates = paragraphs.flatMap((paragraph, place) => (paragraph.article === article ? [place] : []));
    const other = mates[(mates.indexOf(at) + step) % mates.length];
    const first = questions.find(({ paragraph }) => paragraph === at);
    const second = questions.find(({ paragraph, text }) => paragraph === other && text !== first?.text);
    return first && second ? [[first, second] as [Asked, Asked]] : [];
  });

/** A bot that knows each question with its answer. */
const createFaqBot = async (call: Call, { questions }: Xquad): Promise<string> => {
  const botId = await createBot(call, 'FAQ');
  for (let from = 0; from < questions.length; from += itemsOfSource) {
    const items = questions
      .slice(from, from + itemsOfSource)
      .map(({ text, answers }) => ({ question: text, answer: answers[0] ?? '' }));
    await call('POST', `/v1/bots/${botId}/sources`, { type: 'faq', title: `FAQ ${from}`, items });
  }
  await waitUntilReady(call, botId);
  return botId;
};

const textsOf = (list: readonly { text: string }[]): string[] => list.map(({ text }) => text);

/** A heading is kept as one line, with single blanks; some questions of XQuAD have two in a row. */
const headingOf = ({ text }: Asked): string => text.trim().replaceAll(/\s+/g, ' ');

const rowsOf = async (call: Call, set: Xquad, language: string): Promise<QualityRow[]> => {
  const faqBot = await createFaqBot(call, set);
  const textBot = await createBot(call, 'Paragraphs');
  const ids = await addSources(call, textBot, set.paragraphs);
  const isItem: IsMeant = { cited: ({ headings }, meant) => headings.includes(headingOf(meant)) };
  const isParagraph: IsMeant = {
    cited: ({ source_id }, meant) => source_id === ids[meant.paragraph],
    shown: (sourceId, meant) => sourceId === ids[meant.paragraph],
  };
  const inFaq = { language, holders: holdersIn(textsOf(set.questions), language) };
  const inText = { language, holders: holdersIn(textsOf(set.paragraphs), language) };
  const faq = (words: number): Promise<Judged> =>
    judge(call, { botId: faqBot, followUps: cutQuestions(pairsOf(set, 1), inFaq, { words, right: any }) }, isItem);
  const text = (step: number, how: Cut): Promise<Judged> =>
    judge(call, { botId: textBot, followUps: cutQuestions(pairsOf(set, step), inText, how) }, isParagraph);
  const row = (what: string, got: number, n: number): QualityRow => ({
    what: `${language}, ${what}`,
    baseline: null,
    reach: null,
    got,
    n,
  });
  const first = (what: string, judged: Judged): QualityRow => row(`${what}, cited first`, judged.first, judged.n);
  const others = await text(0, { words: 1, right: heldElsewhere });
  return [
    first('FAQ, a word of another question', await faq(1)),
    first('FAQ, two words of another question', await faq(2)),
    first('paragraphs, two words of another', await text(1, { words: 2, right: held })),
    first('paragraphs, a common word of the same', await text(0, { words: 1, commonest: true, right: held })),
    first('paragraphs, a word that only others hold', others),
    row('paragraphs, a word that only others hold, shown', others.shown, others.n),
  ];
};

/**
 * Follow-ups made of XQuAD: after a whole question, another one of the same article cut to words of its own, by
 * `POST /v1/chat` with `builtin`. Whether its passage is the first that the reply cites, in two knowledge bases: the
 * paragraphs, and the questions themselves with their answers.
 */
export const followUps: QualityPart = {
  name: 'follow-ups',
  async run({ serve, data }) {
    const { call, stop } = await serve();
    const rows: QualityRow[] = [];
    for (const language of languages) rows.push(...(await rowsOf(call, readXquad(data, language), language)));
    await stop();
    return rows;
  },
};
