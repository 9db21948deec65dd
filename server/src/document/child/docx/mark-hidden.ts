import { decodeText } from '../text/decode-text.ts';
import type { ArchiveFile } from './read-archive.ts';

/** What the library that reads the document hands on of a run in place of whether it is hidden: the color behind it. */
export const hiddenColor = 'hidden';
export const shownColor = 'shown';

const vanish = /<(\/?)((?:[\w.-]+:)?)vanish(\s[^<>]*?)?(\/?)>/g;
const highlight = /<\/?(?:[\w.-]+:)?highlight(?:\s[^<>]*)?>/g;
const isOff = (attributes: string): boolean => /val\s*=\s*["'](?:0|false|off)["']/.test(attributes);

/**
 * The library knows nothing of hidden text (`w:vanish`, ECMA-376 part 1, 17.3.2.41), but of the color behind a run
 * (`w:highlight`): the one is written as the other, which is of no use itself. It is taken out, since the library takes
 * the first of a run, and some writers put it before `w:vanish`.
 */
export const markHidden = ({ name, bytes }: ArchiveFile): ArchiveFile => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!/^word\/(?:document|footnotes|endnotes)\d*\.xml$/.test(name) || !buffer.includes('vanish'))
    return { name, bytes };
  // one character a byte, so that every other one stays as it is
  const marked = buffer
    .toString('latin1')
    .replaceAll(highlight, '')
    .replaceAll(vanish, (_tag: string, ...[end, prefix = '', attributes, empty = '']: string[]) => {
      if (end !== '') return `</${prefix}highlight>`;
      return `<${prefix}highlight ${prefix}val="${isOff(attributes ?? '') ? shownColor : hiddenColor}"${empty}>`;
    });
  return { name, bytes: Buffer.from(marked, 'latin1') };
};

type Style = { isHidden: boolean | null; basedOn: string | null };

/** Styles that are based on each other more often are made to be so. */
const maxBases = 20;

const inPartEnd = /<\/(?:[\w.-]+:)?(?:tblStylePr|docDefaults)\s*>/;
const inPart = /<(?:[\w.-]+:)?(?:tblStylePr|docDefaults)(?:\s[^<>]*)?(?<!\/)>[^]*$/;

/** Without what holds for parts of a table alone, its first row for one, and what is no style. */
const ownProperties = (styles: string): string =>
  styles
    .split(inPartEnd)
    .map((text) => text.replace(inPart, ''))
    .join('');

/** The ids of styles whose text is hidden, by themselves or by the one that they are based on. */
export const hiddenStyles = (files: readonly ArchiveFile[]): ReadonlySet<string> => {
  const file = files.find(({ name }) => /^word\/styles\d*\.xml$/.test(name));
  const styles = new Map<string, Style>();
  for (const text of file ? ownProperties(decodeText(file.bytes)).split(/<\/(?:[\w.-]+:)?style\s*>/) : []) {
    const id = /styleId\s*=\s*["']([^"'<>]*)["']/.exec(text)?.[1];
    const own = [...text.matchAll(vanish)].at(0);
    const basedOn = /<[\w.:-]*basedOn\s[^<>]*?val\s*=\s*["']([^"'<>]*)["']/.exec(text)?.[1] ?? null;
    if (id !== undefined) styles.set(id, { isHidden: own ? !isOff(own[3] ?? '') : null, basedOn });
  }
  const isHidden = (id: string | null, bases = 0): boolean => {
    const style = id === null || bases > maxBases ? undefined : styles.get(id);
    return style !== undefined && (style.isHidden ?? isHidden(style.basedOn, bases + 1));
  };
  return new Set([...styles.keys()].filter((id) => isHidden(id)));
};
