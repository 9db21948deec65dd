/** Where a text is cut that may have so many characters: at a space in the latter half, else behind a whole character. */
export const placeToCut = (text: string, maxCharacters: number): number => {
  if (text.length <= maxCharacters) return text.length;
  const space = text.lastIndexOf(' ', maxCharacters);
  return space > maxCharacters / 2 ? space : wholeCharacterBefore(text, maxCharacters);
};

/** Never between the halves of a character outside the basic plane. */
const wholeCharacterBefore = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
};
