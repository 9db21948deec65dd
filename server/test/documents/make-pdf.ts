import { deflateSync } from 'node:zlib';

export type PdfOptions = {
  /** Content of each page, as operators; text by default. */
  contents: readonly (Buffer | string)[];
  /** Entries of the catalogue, of each page and of its resources. */
  catalogue?: string;
  page?: string;
  resources?: string;
  /** Objects beside, each whole, from number 1,000,000 on. */
  extra?: readonly (Buffer | string)[];
  /** What stands in the trailer beside its root. */
  trailer?: string;
};

export const firstExtra = 1_000_000;

/** Text of a page, a line each. */
export const textContent = (lines: readonly string[]): string =>
  `BT /F1 12 Tf 72 720 Td 14 TL ${lines.map((line) => `(${line}) Tj T*`).join(' ')} ET`;

export const stream = (content: Buffer | string, entries = ''): Buffer => {
  const packed = deflateSync(Buffer.from(content));
  return Buffer.concat([
    Buffer.from(`<< /Length ${packed.length} /Filter /FlateDecode ${entries} >>\nstream\n`),
    packed,
    Buffer.from('\nendstream'),
  ]);
};

/** A PDF, with its table of places. */
export const makePdf = ({
  contents,
  catalogue = '',
  page = '',
  resources = '',
  extra = [],
  trailer = '',
}: PdfOptions): Buffer => {
  const kids = contents.map((_, at) => `${4 + at * 2} 0 R`).join(' ');
  const objects = new Map<number, Buffer | string>([
    [1, `<< /Type /Catalog /Pages 2 0 R ${catalogue} >>`],
    [2, `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} >>`],
    [3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'],
  ]);
  for (const [at, content] of contents.entries()) {
    objects.set(
      4 + at * 2,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> ${resources} >> /Contents ${5 + at * 2} 0 R ${page} >>`,
    );
    objects.set(5 + at * 2, stream(content));
  }
  for (const [at, object] of extra.entries()) objects.set(firstExtra + at, object);
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')];
  let offset = parts[0]?.length ?? 0;
  const places: string[] = [];
  for (const [number, object] of objects) {
    const bytes = Buffer.concat([Buffer.from(`${number} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]);
    places.push(`${number} 1\n${String(offset).padStart(10, '0')} 00000 n \n`);
    parts.push(bytes);
    offset += bytes.length;
  }
  const end = `xref\n0 1\n0000000000 65535 f \n${places.join('')}trailer\n<< /Root 1 0 R /Size ${firstExtra + 100} ${trailer} >>\nstartxref\n${offset}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(end.replaceAll('STARTXREF', String(offset)))]);
};
