import { foldText } from '../../core/knowledge/fold-text.ts';

/** What a question asks for, as far as its question word tells. */
export type AnswerKind = 'person' | 'time' | 'number' | 'place';

const asks: readonly (readonly [AnswerKind, RegExp])[] = [
  [
    'number',
    /\b(?:how (?:many|much|long|far|old|often|large|big|tall|high|fast)|what (?:percent\w*|number|amount|fraction|proportion)|wie ?viele?|wie (?:lange|weit|alt|oft|hoch|gross)|cuant[oa]s?|combien|quant[ieoa]s?)\b|多少|几[个人次天年种]|多[大高长久远]|何人|いくつ|いくら/,
  ],
  [
    'time',
    /\b(?:when|(?:what|which) (?:year|date|day|month|century|decade|time)|wann|welche[mrsn]? (?:jahr|tag|monat|jahrhundert)|cuando|que (?:ano|dia|mes|siglo|fecha)|quand|quando|koga|когда)\b|什么时候|何时|哪[一]?[年天月]|哪个世纪|いつ/,
  ],
  ['person', /\b(?:who|whom|whose|wer|wem|wen|wessen|quien|quienes|qui|chi|quem|кто)\b|谁|哪位|誰/],
  [
    'place',
    /\b(?:where|(?:what|which) (?:city|country|place|state|region)|wo|woher|wohin|donde|ou|dove|onde|где)\b|哪里|何处|哪个(?:城市|国家|地方)|どこ/,
  ],
];

const month =
  'jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch|z)|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sept(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre';

const numberWord =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|fifty|hundred|thousand|million|billion|half|third|quarter|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|cien|mil|millones';

const signs: Readonly<Record<AnswerKind, RegExp>> = {
  time: new RegExp(
    `\\b(?:1\\d{3}|20\\d{2})(?:s|er)?\\b|\\b(?:${month}|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|lunes|century|jahrhundert|siglo|today|daily)\\b|\\d{1,2}[:.]\\d{2}|\\d{1,2}\\s?(?:am|pm|uhr)\\b|\\d+\\s*(?:年|月|世纪)`,
    'g',
  ),
  number: new RegExp(`\\d+|\\b(?:${numberWord})\\b|[一二三四五六七八九十百千万亿两]+`, 'g'),
  person: /(?<=\S )\p{Lu}\p{L}+(?: \p{Lu}\p{L}*\.?)*/gu,
  place: /(?<=\S )\p{Lu}\p{L}+(?: \p{Lu}\p{L}+)*/gu,
};

/** The kind of answer a question wants; null where nothing tells. */
export const answerKind = (question: string): AnswerKind | null => {
  const folded = foldText(question);
  return asks.find(([, pattern]) => pattern.test(folded))?.[0] ?? null;
};

/**
 * True where a sentence holds something of that kind which the question does not already say: names are looked for in
 * the text as it is written, the rest in the folded one.
 */
export const holdsAnswer = (kind: AnswerKind, sentence: string, question: string): boolean => {
  const folded = foldText(question);
  const text = kind === 'person' || kind === 'place' ? sentence : foldText(sentence);
  return (text.match(signs[kind]) ?? []).some((sign) => !folded.includes(foldText(sign)));
};
