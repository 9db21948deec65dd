import { describe, expect, test } from 'vitest';
import { courtesyPhrases } from './courtesy-phrases.ts';
import { isOnlyCourtesy, readCourtesies, withoutCourtesies } from './read-courtesies.ts';

test.each([
  ['Hi! What does delivery cost?', 'What does delivery cost?'],
  ['hello what does delivery cost', 'what does delivery cost'],
  ['Good morning, what does delivery cost? Thanks a lot!', 'What does delivery cost?'],
  ['Excuse me, could you please tell me what delivery costs?', 'what delivery costs?'],
  ['I would like to know what delivery costs, thanks, bye', 'what delivery costs,'],
  ["Hi there, I'd like to know if you deliver please", 'you deliver'],
  ['Thanks for the quick answer. And in blue?', 'And in blue?'],
  ['ok so what does it cost', 'so what does it cost'],
  ['Guten Morgen, was kostet Boreas in Schwarz?', 'was kostet Boreas in Schwarz?'],
  ['Könnten Sie mir bitte sagen, was der Versand kostet?', 'was der Versand kostet?'],
  ['Hola ¿cuánto cuesta el envío, por favor?', 'cuánto cuesta el envío,'],
  ["Bonjour, pourriez-vous me dire combien coûte la livraison s'il vous plaît ?", 'combien coûte la livraison'],
  ['Здравствуйте, подскажите пожалуйста сколько стоит доставка', 'сколько стоит доставка'],
  ['გამარჯობა, მაინტერესებს რა ღირს მიწოდება', 'რა ღირს მიწოდება'],
  ['مرحبا، كم تكلفة التوصيل من فضلك', 'كم تكلفة التوصيل'],
  ['你好请问送货多少钱', '送货多少钱'],
  ['こんにちは、送料を教えてください', '送料'],
  ['안녕하세요, 배송비 알려주세요', '배송비'],
  ['สวัสดีครับ ค่าส่งเท่าไหร่ครับ', 'ค่าส่งเท่าไหร่'],
  ['Xin chào, cho tôi hỏi phí giao hàng bao nhiêu', 'phí giao hàng bao nhiêu'],
])('of "%s" the question is "%s"', (message, question) => {
  expect(withoutCourtesies(message).toLowerCase()).toBe(question.toLowerCase());
});

describe('a courtesy is none where it is what a message is about', () => {
  test.each([
    'When does the morning shift begin?',
    'Morning shift hours?',
    'Good for dry skin?',
    'Perfect fit guarantee?',
    'No delivery on Sunday?',
    'Thank you card price?',
    'How do I say thank you',
    'Do you sell blue tack?',
    'Salve for dry hands?',
    'How are you different from others?',
    'Nha khoa ở đâu',
    'Giao tận nhà',
    'Si dos mantas cuestan lo mismo, ¿cuál es mejor?',
    'What is in the V&A?',
    'Permesso di soggiorno?',
    '早餐几点开始',
    '感谢信多少钱',
    '하이브리드 가격',
    'คะแนนสะสมใช้ยังไง',
  ])('"%s"', (message) => {
    expect(readCourtesies(message)).toEqual({ rest: message, phrases: [] });
  });
});

test.each(['?!', '', '😀'])('a message without words is no courtesy: "%s"', (message) => {
  expect(isOnlyCourtesy(message)).toBe(false);
  expect(withoutCourtesies(message)).toBe(message);
});

test('a message that is only courtesies stays as it is, where a question is needed', () => {
  expect(withoutCourtesies('Hello!')).toBe('Hello!');
});

test('a long message is left as it is', () => {
  const long = `Hello, ${'what does delivery cost '.repeat(30)}`;
  expect(withoutCourtesies(long)).toBe(long);
});

test.each(['bye ', 'that is all ', '拜拜', 'ขอบคุณครับ'])(
  '"%s" over and over is read in steps that can be counted',
  (said) => {
    const message = `${said.repeat(Math.floor(550 / said.length))} blanket`;
    expect(withoutCourtesies(message)).toContain('blanket');
  },
);

test('each phrase of the list is read as what it is, alone and with another', () => {
  for (const { language, greetings, goodbyes, thanks, answers } of courtesyPhrases) {
    for (const [kind, written] of Object.entries({ greetings, goodbyes, thanks, answers })) {
      for (const phrase of written.split('/')) {
        const said = plainest(phrase);
        const whole = readCourtesies(said);
        expect([said, whole.rest]).toEqual([said, '']);
        expect(whole.phrases.flat()).toContainEqual(expect.objectContaining({ language, kind }));
        expect([said, isOnlyCourtesy(`${said}! ${said}.`)]).toEqual([said, true]);
      }
    }
  }
});

/** One way to say a phrase: without what may be left out, and the first where there are several. */
const plainest = (phrase: string): string =>
  phrase
    .trim()
    .replace(/,$/, '')
    .replace('...', 'everything')
    .split(/\s+/)
    .filter((step) => !step.startsWith('['))
    .map((step) => (step.split('|')[0] ?? '').replaceAll('_', ' '))
    .join(' ');
