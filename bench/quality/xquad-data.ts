import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Paragraph = {
  title: string;
  text: string;
  /** The number of the article it is of. */
  article: number;
};
export type Question = { id: string; text: string; answers: string[]; paragraph: number };

type SquadFile = {
  data: {
    title?: string;
    paragraphs: { context: string; qas: { id: string; question: string; answers: { text: string }[] }[] }[];
  }[];
};

/** Paragraphs and questions of one language of XQuAD (SQuAD's format), each question with the number of its paragraph. */
export const readXquad = (folder: string, language: string): { paragraphs: Paragraph[]; questions: Question[] } => {
  const file = JSON.parse(readFileSync(join(folder, `xquad.${language}.json`), 'utf8')) as SquadFile;
  const paragraphs: Paragraph[] = [];
  const questions: Question[] = [];
  for (const [at, article] of file.data.entries()) {
    for (const { context, qas } of article.paragraphs) {
      const title = article.title?.replaceAll('_', ' ') ?? `Paragraph ${paragraphs.length + 1}`;
      for (const { id, question, answers } of qas) {
        questions.push({ id, text: question, answers: answers.map(({ text }) => text), paragraph: paragraphs.length });
      }
      paragraphs.push({ title, text: context, article: at });
    }
  }
  return { paragraphs, questions };
};
