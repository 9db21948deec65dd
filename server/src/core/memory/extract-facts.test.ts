import { describe, expect, test } from 'vitest';
import { extractFacts, mayHoldFacts } from './extract-facts.ts';
import { standsIn } from './verify-fact.ts';

const facts = (message: string): Record<string, string> =>
  Object.fromEntries(extractFacts(message).map(({ name, value }) => [name, value]));

describe('what a message plainly says of its writer', () => {
  test.each([
    ['My name is Ana Kobidze, and I need a blanket.', { name: 'Ana Kobidze' }],
    ["Hi! my name's Jean-Luc.", { name: 'Jean-Luc' }],
    ['Hello, my name is María José from Cádiz', { name: 'María José' }],
    ['Ich heiße Jürgen von der Heide und suche eine Decke.', { name: 'Jürgen von der Heide' }],
    ['Guten Tag, mein Name ist Özlem.', { name: 'Özlem' }],
    ['Hola, me llamo Lucía y busco una manta.', { name: 'Lucía' }],
    ['Mi nombre es Pedro de la Cruz.', { name: 'Pedro de la Cruz' }],
    ["Bonjour, je m'appelle Zoé.", { name: 'Zoé' }],
    ['Je m’appelle Zoé', { name: 'Zoé' }],
    ['Mi chiamo Giulia, buongiorno', { name: 'Giulia' }],
    ['Olá, meu nome é João.', { name: 'João' }],
    ['Здравствуйте, меня зовут Анна Петрова.', { name: 'Анна Петрова' }],
    ['你好，我叫张伟。', { name: '张伟' }],
    ['我的名字是李小龙', { name: '李小龙' }],
    ['My email is ana@example.com.', { email: 'ana@example.com' }],
    ['ana.k+shop@mail.example.co.uk', { email: 'ana.k+shop@mail.example.co.uk' }],
    ['Meine E-Mail-Adresse: jo@example.de', { email: 'jo@example.de' }],
    ['Mi correo es lucia@example.es', { email: 'lucia@example.es' }],
    ['Mon adresse mail est zoe@example.fr', { email: 'zoe@example.fr' }],
    ['моя почта anna@example.ru', { email: 'anna@example.ru' }],
    ['我的邮箱是wei@example.cn', { email: 'wei@example.cn' }],
    ['Please call me at +995 555 12 34 56', { phone: '+995 555 12 34 56' }],
    ['My phone number is (555) 123-4567.', { phone: '(555) 123-4567' }],
    ['Meine Telefonnummer ist 030 1234567', { phone: '030 1234567' }],
    ['Мой телефон +7 912 345-67-89', { phone: '+7 912 345-67-89' }],
    ['我的手机号码是13800138000', { phone: '13800138000' }],
    ['I speak German.', { language: 'German' }],
    ['Please answer in Spanish', { language: 'Spanish' }],
    ['Ich spreche nur Deutsch', { language: 'Deutsch' }],
    ['Hablo español', { language: 'español' }],
    ['Je parle français', { language: 'français' }],
    ['я говорю по-русски', { language: 'русски' }],
    ['我只会说中文', { language: '中文' }],
    ['My name is Ana. My email is ana@example.com', { name: 'Ana', email: 'ana@example.com' }],
    ['My name is Ana. Sorry, my name is Anna.', { name: 'Anna' }],
  ])('%s', (message, expected) => {
    expect(facts(message)).toEqual(expected);
    expect(mayHoldFacts(message)).toBe(true);
    for (const value of Object.values(expected)) expect(standsIn(value, message)).toBe(true);
  });
});

describe('what only looks like it', () => {
  test.each([
    'My name is on the list.',
    'My name is Not on the list',
    'My name is misspelled',
    'What is my name?',
    'If my name is Ana, will you find me?',
    'She said my name is Ana.',
    'He wrote: "my name is Bob"',
    'Her name is Ana.',
    'The name is Ana Street.',
    'Ich heiße Sie herzlich willkommen.',
    'Mein Name ist Programm.',
    'Wie ich heiße, weiß ich.',
    '¿Cómo me llamo?',
    'меня зовут на встречу',
    '我叫了外卖',
    '我叫什么名字？',
    'Write to info@shop.example for details.',
    'Is your email info@shop.example?',
    'My email is not ana@example.com',
    'My emails are a@example.com or b@example.com',
    'My order number is 123456789',
    'I paid 1 234 567 lari in 2024',
    'Order 555-123-4567 is late',
    'My phone is broken',
    'My card number is 4111 1111 1111 1111',
    'I speak quickly',
    'I speak for Germany',
    'Do you speak German?',
    'Can you show me a blanket in Turkish wool?',
    'Hello there, what can you do for me today?',
    '',
  ])('%s', (message) => {
    expect(facts(message)).toEqual({});
  });
});

test('a long message costs what a short one does', () => {
  expect(facts(`${'words and more words. '.repeat(50_000)} My name is Ana.`)).toEqual({});
  expect(facts(`my name is ${'A'.repeat(100_000)}`)).toEqual({});
  expect(facts('my name is '.repeat(20_000))).toEqual({});
  expect(facts('1 '.repeat(50_000))).toEqual({});
});
