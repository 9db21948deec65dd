/** Characters as Unicode counts them: one for an emoji, of which `length` makes two. Costs a pass over the text. */
export const countCharacters = (text: string): number => {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
};
