import { DocumentError } from '../../core/knowledge/document-error.ts';
import type { ParsedDocument } from '../../core/knowledge/document-parser.ts';
import type { ParseRequest } from '../exchange.ts';

/** Parsers are loaded when the first document of their format comes: most processes never see more than one or two. */
const parse = async ({ format, url, charset }: ParseRequest, bytes: Uint8Array): Promise<ParsedDocument> => {
  switch (format) {
    case 'pdf': {
      const { parsePdf } = await import('./pdf/parse-pdf.ts');
      return parsePdf(bytes);
    }
    case 'docx': {
      const { parseDocx } = await import('./docx/parse-docx.ts');
      return parseDocx(bytes);
    }
    case 'html': {
      const { parseHtml } = await import('./html/parse-html.ts');
      return parseHtml(bytes, { url, charset });
    }
    case 'markdown': {
      const { parseMarkdown } = await import('./text/parse-markdown.ts');
      return parseMarkdown(bytes, charset);
    }
    case 'csv': {
      const { parseTable } = await import('./text/parse-table.ts');
      return parseTable(bytes, charset);
    }
    case 'text': {
      const { parsePlainText } = await import('./text/parse-plain-text.ts');
      return parsePlainText(bytes, charset);
    }
  }
};

/** A document in blocks. Throws DocumentError, `empty` where it has no block. */
export const parseDocument = async (request: ParseRequest, bytes: Uint8Array): Promise<ParsedDocument> => {
  const document = await parse(request, bytes);
  if (document.blocks.length === 0) throw new DocumentError('empty');
  return document;
};
