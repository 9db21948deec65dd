import type { LanguageAnalyser } from '../language-analyser.ts';
import { stemEnglish } from './stem-english.ts';

const stopWords = `a about after again against all also although am among an and any are as at be because been before
being between both but by can could did do does doing done down during each either else ever every few for from further
get had has have having he her here hers herself him himself his how i if in into is it its itself just let like many
may me might more most much must my myself no nor not now of off on once one only or other our ours out over own per please
same she should so some such than that the their theirs them themselves then there these they this those though through
thus to too under until up upon us very was we were what when where whether which while who whom whose why will with
within without would yes yet you your yours yourself don doesn didn isn aren wasn weren`;

export const english: LanguageAnalyser = {
  language: 'en',
  stopWords: new Set(stopWords.split(/\s+/)),
  stem: stemEnglish,
};
