import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of LoCoMo (snap-research/locomo), those conversations that are at hand. */
export const locomoConversations = ['26', '30', '41'] as const;

export type LocomoMessage = { id: string; role: 'user' | 'assistant'; text: string; at: string };
export type LocomoQuestion = { text: string; category: number; evidence: string[] };
export type LocomoConversation = { sessions: LocomoMessage[][]; questions: LocomoQuestion[] };

type Turn = { speaker: string; dia_id: string; text: string };
type Question = { question: string; category: number; evidence: string[] };

/** Between two messages of a session; the data says only when it began. */
const messageMs = 60_000;

/** `1:56 pm on 8 May, 2023` */
const readTime = (text: string): number => {
  const time = /^(\d+):(\d+) ([ap])m on (\d+) (\w+), (\d+)$/.exec(text);
  if (!time) throw new Error(`"${text}" is no time of LoCoMo`);
  const [, hour, minute, half, day, month, year] = time;
  const hours = (Number(hour) % 12) + (half === 'p' ? 12 : 0);
  return Date.parse(`${day} ${month} ${year} ${hours}:${minute} UTC`);
};

/**
 * The sessions of two people over months: the first of them as the user, the other as the bot. Questions with the messages
 * that hold their evidence; those without any are left out.
 */
export const readLocomo = (data: string, name: string): LocomoConversation => {
  const file = JSON.parse(readFileSync(join(data, 'locomo', `${name}.json`), 'utf8')) as Record<string, unknown>;
  const sessions: LocomoMessage[][] = [];
  for (let number = 1; Array.isArray(file[`session_${number}`]); number++) {
    const began = readTime(file[`session_${number}_date_time`] as string);
    sessions.push(
      (file[`session_${number}`] as Turn[]).map((turn, index) => ({
        id: turn.dia_id,
        role: turn.speaker === file['speaker_a'] ? 'user' : 'assistant',
        text: turn.text,
        at: new Date(began + index * messageMs).toISOString(),
      })),
    );
  }
  const known = new Set(sessions.flat().map(({ id }) => id));
  const questions = (file['qa'] as Question[]).map(({ question, category, evidence }) => ({
    text: question,
    category,
    // some hold several ids in one
    evidence: [...new Set(evidence.flatMap((ids) => ids.split(/[;,\s]+/)).filter((id) => known.has(id)))],
  }));
  return { sessions, questions: questions.filter(({ evidence }) => evidence.length > 0) };
};
