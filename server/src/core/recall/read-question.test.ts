import { expect, it } from 'vitest';
import { readQuestion } from '../../../test/read-question.ts';

const now = Date.UTC(2026, 10, 30, 12);
const read = (text: string, before: string | null = null) => readQuestion(text, { before, now });

it.each([
  'Hello there, what can you do for me today?',
  'Hi!',
  'Thank you',
  'Hallo, was kannst du heute für mich tun?',
  'Danke!',
  '¡Hola!',
  '你好',
  'Здравствуйте!',
  'What?',
])('nothing said before bears on "%s"', (text) => {
  expect(read(text)).toBeNull();
});

it('a courtesy does not take up what was said before it', () => {
  expect(read('Thanks!', 'My dog is called Rufus.')).toBeNull();
  expect(read('And when?', 'My dog is called Rufus.')?.words.length).toBeGreaterThan(0);
});

it('a greeting before a question is no word of it', () => {
  expect(read('Hello, what is the name of my dog?')?.words).toEqual(read('What is the name of my dog?')?.words);
});

it('today is asked for by who speaks of what was', () => {
  expect(read('What did I ask today?')?.range).not.toBeNull();
  expect(read('Which trains can I take today?')?.range).toBeNull();
});
