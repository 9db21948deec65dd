/** Names that are told of; a document asks for two or three. */
const mostNames = 5;

/**
 * Where pdf.js looks for what is not in the document: there is nothing. Fonts of Chinese, Japanese and Korean that are
 * not embedded, or name their characters by a table of Adobe's ("UniGB-UCS2-H"), cannot be read without those tables, which
 * unpdf does not bring along; the names of those asked for are kept, so that it can be said.
 */
export const createMissingTables = () => {
  const names = new Set<string>();
  class NoData {
    /** Named by pdf.js; it asks no network. */
    readonly fetch = ({ kind, filename }: { kind: string; filename: string }): Promise<never> => {
      const name = filename.replace(/\.bcmap$/, '');
      // what a document writes there is told, so it must be a name
      if (kind === 'cMapUrl' && names.size < mostNames && /^[\w-]{1,40}$/.test(name)) names.add(name);
      return Promise.reject(new Error('there are no data besides the document'));
    };
  }
  return {
    /** As pdf.js takes it. */
    BinaryDataFactory: NoData,
    /** What is said of text that was lost; null where none was. */
    tell: (): string | null =>
      names.size === 0
        ? null
        : `Its fonts name their characters by tables that are not in the document (${[...names].join(', ')}), so their text could not be read. Save it again with embedded fonts and Unicode text, as PDF/A-2u has them, or run text recognition (OCR) over it.`,
  };
};
