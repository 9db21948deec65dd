declare module 'snowball-stemmers' {
  const stemmers: { newStemmer(algorithm: string): { stem(word: string): string } };
  export default stemmers;
}

declare module 'stopword' {
  /** Lists by ISO 639-3 codes; there are functions beside them. */
  const lists: Readonly<Record<string, unknown>>;
  export default lists;
}
