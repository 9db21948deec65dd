import type { StopRequest } from '../core/turn/turn.ts';
import type { TurnEvent } from '../core/turn/turn-log.ts';

/** An event on its way: a piece of text as it is, everything else as the log has it. Terminal ones are read from the store. */
export type SentEvent = string | Exclude<TurnEvent, { type: 'delta' | 'untold' | 'ended' }>;

/** What processes of an installation tell each other. What one does not know, of a newer version, it passes over. */
export type ReplicaMessage =
  /** Something that caches hold was changed: drop it. */
  | { type: 'changed'; name: string; args: readonly string[] }
  | { type: 'stop'; turnId: string; request: StopRequest }
  | { type: 'deleted'; turnIds: readonly string[] }
  /** Somebody has replied in a conversation, or given it back. */
  | { type: 'answered'; workspaceId: string; conversationId: string }
  /** The sender has begun to run a turn that was accepted elsewhere. */
  | { type: 'started'; turnId: string }
  /**
   * The sender reads a turn, of which it has the first `have` events: whoever runs it sends the rest, or stores it with
   * the text. `anew`: from there on; else from where the owner is with this reader.
   */
  | { type: 'watch'; turnId: string; attempt: number; have: number; by: 'events' | 'store'; anew: boolean }
  | { type: 'unwatch'; turnId: string }
  /** The events of an attempt behind the first `behind`. `end`: nothing more comes, the store says the rest. */
  | { type: 'events'; turnId: string; attempt: number; behind: number; events: readonly SentEvent[]; end: boolean };

export type MessageOf<Type extends ReplicaMessage['type']> = Extract<ReplicaMessage, { type: Type }>;

export type Received = { from: string; message: ReplicaMessage };

export const packMessage = (from: string, message: ReplicaMessage): string => JSON.stringify({ from, ...message });

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

/** What each message must have, so that one of another version, or of somebody else, does no harm. */
const fieldsOf: Readonly<Record<ReplicaMessage['type'], Fields>> = {
  changed: { name: isText, args: areTexts },
  stop: { turnId: isText, request: (value) => value === 'cancel' || value === 'interrupt' },
  deleted: { turnIds: areTexts },
  answered: { workspaceId: isText, conversationId: isText },
  started: { turnId: isText },
  watch: {
    turnId: isText,
    attempt: isCount,
    have: isCount,
    by: (value) => value === 'events' || value === 'store',
    anew: isFlag,
  },
  unwatch: { turnId: isText },
  events: { turnId: isText, attempt: isCount, behind: isCount, events: Array.isArray, end: isFlag },
};

/** Null for what is no message that this version knows. */
export const unpackMessage = (text: string): Received | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { from, ...message } = value as Record<string, unknown>;
  if (!isText(from) || !isText(message['type']) || !Object.hasOwn(fieldsOf, message['type'])) return null;
  const fields = Object.entries(fieldsOf[message['type'] as ReplicaMessage['type']]);
  if (!fields.every(([name, isRight]) => isRight(message[name]))) return null;
  return { from, message: message as ReplicaMessage };
};
