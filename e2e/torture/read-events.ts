import type { SeenStream } from './history.ts';

const terminal = new Set(['turn.completed', 'turn.failed', 'turn.cancelled', 'turn.interrupted']);

export const isTerminal = (event: string): boolean => terminal.has(event);

/** Reads an event stream into `seen` until it ends, however it ends. Comments are passed over. */
export const readEvents = async (response: Response, seen: SeenStream): Promise<void> => {
  const decoder = new TextDecoder();
  let unread = '';
  try {
    for await (const bytes of response.body ?? []) {
      unread += decoder.decode(bytes as Uint8Array, { stream: true });
      const frames = unread.split('\n\n');
      unread = frames.pop() ?? '';
      for (const frame of frames) {
        const fields = /^id: (?<id>.*)\nevent: (?<event>.*)\ndata: (?<data>.*)$/.exec(frame)?.groups;
        if (!fields) continue;
        const { id = '', event = '', data = '' } = fields;
        seen.events.push({ id, event, data });
        if (event === 'turn.started' || event === 'turn.queued') {
          seen.turnId ??= (JSON.parse(data) as { turn_id: string }).turn_id;
        }
      }
    }
  } catch {
    // the server was killed: what came before counts
  }
};
