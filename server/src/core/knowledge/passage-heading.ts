import { cleanLine } from './clean-line.ts';

/** The longest title of a source with the longest question of an FAQ. */
const maxCharacters = 1_300;

/** Brackets in which a model is told the numbers of passages, and those that it takes for them. */
const openBrackets = /[[⟦⁅〔【［]/g;
const closeBrackets = /[\]⟧⁆〕】］]/g;

/**
 * What stands above a passage, as a model is shown it: its title and headings on one line, which whoever wrote them can
 * neither end nor let pass for the number of a passage. Empty where there are none.
 */
export const passageHeading = (title: string, headings: readonly string[]): string => {
  const line = [title, ...headings]
    .map(cleanLine)
    .filter(Boolean)
    .join(' / ')
    .replaceAll(openBrackets, '(')
    .replaceAll(closeBrackets, ')');
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters).toWellFormed()}…`;
};
