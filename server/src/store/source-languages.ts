/** The languages of a source, as its row holds them: with spaces between. */
export const splitLanguages = (stored: string): string[] => stored.split(' ').filter((language) => language !== '');

export const joinLanguages = (languages: readonly string[]): string => [...new Set(languages)].toSorted().join(' ');
