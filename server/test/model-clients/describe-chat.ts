import { describe, expect, it } from 'vitest';
import type { ChatModel, ChatModelRequest } from '../../src/core/turn/chat-model.ts';
import { askModel } from '../ask-model.ts';

/** A client beside a model that gives `reply` to `request`. */
export type ChatRow = {
  name: string;
  reply: string;
  client: () => ChatModel;
  request: (overrides: Partial<Pick<ChatModelRequest, 'stream' | 'signal' | 'maxReplyTokens'>>) => ChatModelRequest;
};

/** What every client does, whatever stands behind it: four clients, three dialects, and none. */
export const describeChat = ({ name, reply, client, request }: ChatRow): void => {
  describe(`a chat by ${name}`, () => {
    it.each([true, false])('gives the reply whole, with its end and its usage, streamed: %s', async (stream) => {
      const asked = await askModel(client(), request({ stream }));
      expect(asked.text).toBe(reply);
      expect(asked.error).toBeNull();
      expect(asked.reply?.finishReason).toBe('stop');
      expect(asked.reply?.usage?.inputTokens).toBeGreaterThan(0);
      expect(asked.reply?.usage?.outputTokens).toBeGreaterThan(0);
    });

    it('gives a streamed reply in pieces, none of them empty, and nothing after its end', async () => {
      const asked = await askModel(client(), request({ stream: true }));
      expect(asked.pieces.length).toBeGreaterThan(1);
      expect(asked.pieces).not.toContain('');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(asked.late).toEqual([]);
    });

    it('is not begun where it was cancelled before', async () => {
      const asked = await askModel(client(), request({ stream: true, signal: AbortSignal.abort() }));
      expect({ text: asked.text, kind: asked.error?.kind }).toEqual({ text: '', kind: 'aborted' });
    });

    it('that is cancelled at its first piece keeps what came, and ends as cancelled', async () => {
      const abort = new AbortController();
      let text = '';
      const ended = client()
        .reply(request({ stream: true, signal: abort.signal }), (piece) => {
          text += piece;
          abort.abort();
        })
        .then(
          () => null,
          (error: unknown) => error,
        );
      expect(await ended).toMatchObject({ kind: 'aborted' });
      expect(text).not.toBe('');
      expect(text.length).toBeLessThan(reply.length);
      expect(reply.startsWith(text)).toBe(true);
    });
  });
};
