/** One call of chat as it looks on the wire, for the description of the API: question, answer, and the answer as a stream. */

export const chatRequestExample = {
  bot_id: 'bot_01m81mv3vhfpcvc7gtyvfjz701',
  user_id: 'customer-42',
  message: 'Do you ship to Batumi?',
};

const ids = {
  turn: 'turn_01m81mv3vhfpcvc7gtyvfjz702',
  conversation: 'conv_01m81mv3vhfpcvc7gtyvfjz703',
  reply: 'msg_01m81mv3vhfpcvc7gtyvfjz704',
  source: 'src_01m81mv3vhfpcvc7gtyvfjz705',
};

const content = 'Yes, we ship to Batumi within three days.';

export const turnExample = {
  id: ids.turn,
  object: 'turn',
  status: 'completed',
  bot_id: chatRequestExample.bot_id,
  conversation_id: ids.conversation,
  user_id: chatRequestExample.user_id,
  reply: {
    id: ids.reply,
    object: 'message',
    conversation_id: ids.conversation,
    turn_id: ids.turn,
    role: 'assistant',
    content,
    citations: [
      {
        index: 1,
        source_id: ids.source,
        title: 'Delivery',
        url: 'https://shop.example/delivery#georgia',
        headings: ['Delivery', 'Georgia'],
        page: null,
        quote: 'Parcels to Batumi take three days.',
        score: 0.83,
      },
    ],
    metadata: {},
    created_at: '2026-12-01T09:30:02.114Z',
  },
  usage: { input_tokens: 512, output_tokens: 11, messages: 1 },
  model: 'openai/gpt-5-mini',
  finish_reason: 'stop',
  error: null,
  bot_version: 3,
  created_at: '2026-12-01T09:30:00.871Z',
  completed_at: '2026-12-01T09:30:02.114Z',
};

const whose = {
  turn_id: ids.turn,
  conversation_id: ids.conversation,
  bot_id: chatRequestExample.bot_id,
  user_id: chatRequestExample.user_id,
};

/** The same answer as a stream: its events in their order, with their data as JSON holds it. */
export const streamExample = [
  { id: '1-1', event: 'turn.started', data: whose },
  { id: '1-2', event: 'reply.delta', data: { text: 'Yes, we ship to Batumi' } },
  { id: '1-3', event: 'reply.delta', data: { text: ' within three days.' } },
  { id: '1-4', event: 'turn.completed', data: turnExample },
];

/** The stream byte for byte. */
export const streamExampleText = streamExample
  .map(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  .join('');
