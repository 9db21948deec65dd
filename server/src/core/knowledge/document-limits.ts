/**
 * What a document may be at most. A document is read by programs that were made for honest ones, so that each limit is
 * also what keeps a hostile one from taking the machine.
 */

/** As it is uploaded or fetched. A book of 1,000 pages with its pictures fits; the bytes are held in memory twice. */
export const maxDocumentBytes = 20_000_000;
/** More hold more text than a source may, unless they are empty. */
export const maxDocumentPages = 2_000;
/** Of all blocks together: what a text source may hold too (`maxSourceCharacters` of the protocol). */
export const maxDocumentCharacters = 1_000_000;
/** Of an archive, all entries together; what is packed tighter than its size allows is a bomb. */
export const maxUnpackedBytes = 100_000_000;
/** An office document has a few dozen, and one for each picture. */
export const maxArchiveEntries = 4_000;
/** Reading a document takes a second; one that needs longer than this is meant to. */
export const parseTimeoutMs = 30_000;
/** Of the process that reads, everything included. */
export const parseMemoryBytes = 512 * 1024 * 1024;
/** A paragraph a line is the most that honest documents have. */
export const maxDocumentBlocks = 50_000;
/** Of all tables together; a table of 20,000 rows and 10 columns. */
export const maxTableCells = 200_000;
/** Of a title: it stands above every passage, and is read with each. */
export const maxTitleCharacters = 300;
/** Of a heading, or a question that is one; a longer one is a paragraph that looks like a heading. */
export const maxHeadingCharacters = 300;
/** Of an answer; a longer one is a text under its question. */
export const maxAnswerCharacters = 8_000;
/** Of one page; what a crawler may follow is limited again by it. */
export const maxDocumentLinks = 2_000;
/** What was passed over is said in a few sentences. */
export const maxWarnings = 10;
export const maxWarningCharacters = 500;
