import type { DocumentBlock } from '../../core/knowledge/document-parser.ts';

export const blockCharacters = (block: DocumentBlock): number => {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return block.text.length;
    case 'question':
      return block.question.length + block.answer.length;
    case 'table':
      return [block.header, ...block.rows].reduce(
        (sum, row) => sum + row.reduce((all, cell) => all + cell.length, 0),
        0,
      );
  }
};
