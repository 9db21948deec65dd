import { describe, expect, test } from 'vitest';
import { analyseQuery } from './analyse-query.ts';
import { analyseText } from './analyse-text.ts';

const terms = (text: string): string[] => analyseText(text).terms.map(({ term }) => term);

/** True where every word of the query stands in the text under one of its variants. */
const meets = (query: string, text: string): boolean => {
  const { language } = analyseText(text);
  const indexed = new Set(terms(text));
  return analyseQuery(query, [language.language])
    .filter(({ stop }) => !stop)
    .every(({ variants }) => variants.some((variant) => indexed.has(variant)));
};

describe('words', () => {
  test.each([
    ['A-1234', 'The code is A-1234.'],
    ['a1234', 'The code is A-1234.'],
    ['1234', 'The code is A-1234.'],
    ['1000', 'It costs 1,000 lari.'],
    ['3.5', 'It weighs 3.5 kg.'],
    ['US', 'Made in the U.S. by hand'],
    ['email', 'Write us an e-mail'],
    ['cafe', 'Le Café du Nord'],
    ["l'eau", "de l'eau froide"],
    ['blanket', "The blankets' colours"],
    ['shipping', 'We ship orders'],
    ['who invented it', 'An invention of the year'],
    ['write', 'She wrote a letter'],
    ['städte', 'In jeder Stadt der Welt und auch auf dem Land wird das gern gesehen'],
    ['financiar', 'La tienda tiene que financiarse con las ventas del año'],
    ['decírselo', 'Lo que se puede decir de la manta es que es muy cálida'],
    ['enviar', 'Enviamos a todas las ciudades de la isla'],
    ['毛毯', '我们的毛毯很暖和'],
    ['東京', '東京都に住んでいます'],
    ['จัดส่ง', 'เราจัดส่งไปยังทุกเมือง'],
    ['담요', '담요를 반품할 수 있습니다'],
    ['ISTANBUL', 'İstanbul’da bir mağaza ve bir atölye var'],
    ['мастерские', 'Наша мастерская стоит у старого моста и в городе'],
    ['البطانيات', 'نحن نبيع البطانية في كل مدينة من هنا'],
    ['κουβερτες', 'Η κουβέρτα είναι ζεστή και δεν είναι ακριβή για την ποιότητα'],
    ['თბილისში', 'თბილისი'],
    ['500', '५०० रुपये'],
    ['٣٠', '30 يوما'],
  ])('"%s" meets "%s"', (query, text) => {
    expect(meets(query, text)).toBe(true);
  });

  test.each([
    ['1234', 'The code is A-12345.'],
    ['1.5', 'It costs 15 lari.'],
    ['universe', 'The unit of measure'],
    ['毛毯', '毛巾和地毯'],
  ])('"%s" does not meet "%s"', (query, text) => {
    expect(meets(query, text)).toBe(false);
  });

  test('have the place at which they stand', () => {
    const text = 'Née à Tbilissi: 毛毯很暖和, A-1234.';
    for (const { start, end } of analyseText(text).terms) expect(text.slice(start, end)).toMatch(/^[\p{L}\p{N}-]+$/u);
    const code = analyseText(text).terms.find(({ term }) => term === 'a1234');
    expect(text.slice(code?.start, code?.end)).toBe('A-1234');
  });

  test('stop words are kept and marked', () => {
    const { terms: found } = analyseText('the price of the blanket');
    expect(found.map(({ stop }) => stop)).toEqual([true, false, true, true, false]);
  });
});

describe('the language', () => {
  test.each([
    ['What is the price of a blanket, and where can I buy it?', 'en'],
    ['Was kostet die Decke, und wo kann ich sie kaufen?', 'de'],
    ['¿Cuánto cuesta la manta y dónde puedo comprarla?', 'es'],
    ['Combien coûte la couverture et où est-ce que je peux l’acheter ?', 'fr'],
    ['Quanto costa la coperta e dove posso comprarla?', 'it'],
    ['Сколько стоит одеяло и где его можно купить?', 'ru'],
    ['كم سعر البطانية وأين يمكنني شراؤها من هنا؟', 'ar'],
    ['Πόσο κοστίζει η κουβέρτα και από πού μπορώ να την αγοράσω;', 'el'],
    ['My dog is called Rufus.', 'en'],
    ['Hvad hedder min hund?', 'da'],
  ])('of "%s" is %s', (text, language) => {
    expect(analyseText(text).language.language).toBe(language);
  });

  test('of a text that gives nothing away is that of its surroundings', () => {
    const { language } = analyseText('Die Decke ist aus Wolle und sehr warm.');
    expect(analyseText('Rückgabe', language).language.language).toBe('de');
    expect(analyseText('Rückgabe').language.language).toBe('en');
    const english = analyseText('Food for the dog and for the cat of the house.').language;
    expect(analyseText('Dog food', english).language.language).toBe('en');
  });
});

describe('a query', () => {
  test('brings the stems of every language that is searched', () => {
    expect(analyseQuery('Lieferungen', ['de', 'en'])[0]?.variants).toHaveLength(2);
    expect(analyseQuery('Lieferungen', ['de'])[0]?.variants).toHaveLength(1);
    const many = analyseQuery('nationalities', [
      'en',
      'de',
      'es',
      'fr',
      'it',
      'pt',
      'nl',
      'sv',
      'fi',
      'hu',
      'ro',
      'cs',
    ]);
    expect(many[0]?.variants.length).toBeLessThanOrEqual(9);
  });

  test('has each word once and at most 64 of them', () => {
    expect(analyseQuery('blanket Blankets BLANKET')).toHaveLength(1);
    const many = Array.from({ length: 500 }, (_, at) => `w${at}`).join(' ');
    expect(analyseQuery(many)).toHaveLength(64);
  });

  test('takes a word for a stop word of another language only where that is searched', () => {
    const stops = (languages: string[]): boolean[] => analyseQuery('dog food', languages).map(({ stop }) => stop);
    expect(stops(['en'])).toEqual([false, false]);
    expect(stops(['en', 'da'])).toEqual([true, false]);
  });

  test('knows its names and numbers', () => {
    const names = (query: string): string[] =>
      analyseQuery(query, ['en']).flatMap(({ name, folded }) => (name ? [folded] : []));
    expect(names('Where was Nino Beridze born in 1908?')).toEqual(['nino', 'beridze', '1908']);
    expect(names('Blankets are warm')).toEqual([]);
  });

  test('of signs alone has no words', () => {
    expect(analyseQuery('?! … 😀')).toEqual([]);
  });
});
