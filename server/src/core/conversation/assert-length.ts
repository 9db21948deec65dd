import { countCharacters } from '../../kit/count-characters.ts';
import { ParleyError } from '../error.ts';

/** Throws message_too_long where a text has more characters than `maxCharacters`. `noun`: what the text is to its sender. */
export const assertLength = (
  text: string,
  { maxCharacters, noun, param }: { maxCharacters: number; noun: string; param: string },
): void => {
  // never fewer than the characters are, and known without a pass over the text
  if (text.length <= maxCharacters) return;
  const characters = countCharacters(text);
  if (characters <= maxCharacters) return;
  throw new ParleyError('message_too_long', `The ${noun} has ${characters} characters; ${maxCharacters} are allowed.`, {
    param,
  });
};
