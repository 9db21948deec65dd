import { ChatModelError } from '../../core/turn/chat-model.ts';

/** The JSON of one event. Throws `ChatModelError` where it is none. */
export const parseEvent = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    throw new ChatModelError('malformed', 'an event of the stream is broken JSON');
  }
};
