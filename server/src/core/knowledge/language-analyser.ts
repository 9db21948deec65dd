/** What a language brings to search. Sources that are already indexed keep their terms until they are refreshed. */
export type LanguageAnalyser = {
  /** BCP 47, without a region. */
  language: string;
  /** Folded words that say little about what a text is about. They also give the language away. */
  stopWords: ReadonlySet<string>;
  /** The common form of a word and its inflections; given and returned folded. */
  stem(foldedWord: string): string;
};
