import { makeZip, type ZipEntry } from './make-zip.ts';

const namespaces =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const relationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const types = 'application/vnd.openxmlformats-officedocument.wordprocessingml';

const contentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${types}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="${types}.styles+xml"/><Override PartName="/word/numbering.xml" ContentType="${types}.numbering+xml"/></Types>`;

const stylesOf = (more: string, defaults: string): string =>
  `<?xml version="1.0"?><w:styles ${namespaces}>${defaults}${[
    ['Title', 'Title'],
    ['H1', 'heading 1'],
    ['H2', 'heading 2'],
  ]
    .map(([id, name]) => `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/></w:style>`)
    .join('')}${more}</w:styles>`;

const numbering = `<?xml version="1.0"?><w:numbering ${namespaces}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`;

const core = (title: string): string =>
  `<?xml version="1.0"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title><dc:language>en-GB</dc:language></cp:coreProperties>`;

const relations = (items: string): string =>
  `<?xml version="1.0"?><Relationships xmlns="${relationships}">${items}</Relationships>`;

/** A paragraph in WordprocessingML. */
export const paragraph = (text: string, style = ''): string =>
  `<w:p>${style === '' ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

export const listItem = (text: string): string =>
  `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;

export const table = (rows: readonly (readonly string[])[]): string =>
  `<w:tbl>${rows
    .map(
      (row, at) =>
        `<w:tr>${at === 0 ? '<w:trPr><w:tblHeader/></w:trPr>' : ''}${row.map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`).join('')}</w:tr>`,
    )
    .join('')}</w:tbl>`;

export type DocxOptions = {
  extra?: readonly ZipEntry[];
  /** In place of the document, whole. */
  xml?: string;
  documentRelations?: string;
  /** Beside those of titles and headings; null for a document without any. */
  styles?: string | null;
  /** Before the styles, for all of them. */
  defaults?: string;
  /** Of its properties. */
  title?: string;
};

/** A DOCX document of a body in WordprocessingML, with what else is to lie in the archive. */
export const makeDocx = (
  body: string,
  { extra = [], xml, documentRelations = '', styles = '', defaults = '', title = 'House rules' }: DocxOptions = {},
): Buffer =>
  makeZip([
    { name: '[Content_Types].xml', content: contentTypes },
    {
      name: '_rels/.rels',
      content: relations(`<Relationship Id="rId1" Type="${office}/officeDocument" Target="word/document.xml"/>`),
    },
    {
      name: 'word/document.xml',
      content: xml ?? `<?xml version="1.0"?><w:document ${namespaces}><w:body>${body}</w:body></w:document>`,
    },
    {
      name: 'word/_rels/document.xml.rels',
      content: relations(
        `<Relationship Id="s" Type="${office}/styles" Target="styles.xml"/><Relationship Id="n" Type="${office}/numbering" Target="numbering.xml"/>${documentRelations}`,
      ),
    },
    ...(styles === null ? [] : [{ name: 'word/styles.xml', content: stylesOf(styles, defaults) }]),
    { name: 'word/numbering.xml', content: numbering },
    { name: 'docProps/core.xml', content: core(title) },
    ...extra,
  ]);
