import { describe, expect, test } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

const head = {
  title: 'Care',
  language: null,
  pageCount: 2,
  links: ['https://example.org/', 'javascript:alert(1)'],
  canonicalUrl: 'file:///etc/passwd',
  noIndex: false,
  noFollow: false,
  warnings: [],
};
const block = { kind: 'paragraph', text: 'Größe: 5 €', page: 1, anchor: null };
const bytesOf = (...answers: unknown[]): Buffer =>
  Buffer.from(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));

describe('an answer', () => {
  test('is put together from pieces of any size, and holds no address but of the web', () => {
    const bytes = bytesOf({ blocks: [block] }, { document: head });
    for (const size of [1, 7, bytes.length]) {
      const reader = new AnswerReader();
      let document = null;
      for (let at = 0; at < bytes.length; at += size) document ??= reader.take(bytes.subarray(at, at + size));
      expect(document).toEqual({ ...head, links: ['https://example.org/'], canonicalUrl: null, blocks: [block] });
    }
  });

  test.each([
    ['no JSON', Buffer.from('hello\n')],
    ['no object', bytesOf(null)],
    ['of a kind that nobody knows', bytesOf({ run: 'rm' })],
    ['with blocks that are no list', bytesOf({ blocks: 1 })],
    ['with a block that nobody knows', bytesOf({ blocks: [{ ...block, kind: 'script' }] })],
    ['with a text that is none', bytesOf({ blocks: [{ ...block, text: {} }] })],
    ['with a heading of no level', bytesOf({ blocks: [{ ...block, kind: 'heading', level: 7 }] })],
    ['with a table that is none', bytesOf({ blocks: [{ ...block, kind: 'table', header: [], rows: ['x'] }] })],
    [
      'with a heading that is a text',
      bytesOf({ blocks: [{ ...block, kind: 'heading', level: 1, text: 'x'.repeat(301) }] }),
    ],
    [
      'with an answer that is a book',
      bytesOf({ blocks: [{ page: 1, anchor: null, kind: 'question', question: 'Why?', answer: 'x'.repeat(8_001) }] }),
    ],
    ['with a title that is none', bytesOf({ document: { ...head, title: 5 } })],
  ])('%s is refused, and nothing of it believed', (_what, bytes) => {
    const reader = new AnswerReader();
    expect(() => reader.take(bytes)).toThrow(/./);
    expect(reader.isComplete).toBe(false);
  });

  test('with a title that is a text has its beginning', () => {
    const document = new AnswerReader().take(bytesOf({ document: { ...head, title: 'x'.repeat(9_999) } }));
    expect(document?.title).toBe('x'.repeat(300));
  });

  test('that goes on and on is cut off', () => {
    const reader = new AnswerReader();
    const endless = Buffer.alloc(1_000_000, 'x');
    expect(() => {
      for (let count = 0; count < 100; count += 1) reader.take(endless);
    }).toThrow(expect.objectContaining({ code: 'too_much_text' }));
  });

  test('that names a reason nobody knows is one of ours', () => {
    expect(() => new AnswerReader().take(bytesOf({ failed: { code: 'gossip', detail: 'x'.repeat(9_999) } }))).toThrow(
      expect.objectContaining({ code: 'parser_failed', message: 'x'.repeat(400) }),
    );
  });
});
