import type { SourceContent } from '../knowledge/source.ts';

/** What the demo bot knows: Parley itself, so that the first question a newcomer asks has an answer. */
export const demoSources: readonly { title: string; content: SourceContent }[] = [
  {
    title: 'What Parley is',
    content: {
      type: 'text',
      text: `Parley is an AI chat engine behind a REST API. It is open source under the Apache 2.0 licence and you host it yourself. You create a bot, generate a key and send a message with a user id; the reply, the history and the usage come back.

Parley holds the conversation for you. Your program builds no prompt, keeps no conversation state, counts no context window and holds no provider code.

Parley needs no account anywhere. The first start creates an embedded SQLite database in the data directory, a demo bot and an API key, which is printed once. The demo bot uses the builtin model, which answers from the knowledge base and needs no key of any provider.

Agencies use Parley for white-label chat, SaaS products use it as a support assistant inside their product, and businesses use it in their portals.`,
    },
  },
  {
    title: 'How durable a turn is',
    content: {
      type: 'text',
      text: `A turn is one user message and the work of replying to it. An acknowledged message is never lost: the user's message is written to the database before anything is answered. A reply is never doubled, and a message is never charged twice.

When the client disconnects, the turn goes on: the reply is finished and stored. A stream can be resumed from any event with the Last-Event-ID header. When the server is killed, the next start takes the unfinished turns over.

Send an Idempotency-Key header with each chat call. A retry with the same key and the same body gives the same turn, costs nothing, and carries the header Idempotent-Replayed.

Every reply has a receipt of what the model saw. Read it with GET /v1/turns/{id}/context: it lists the instructions, the passages of knowledge, the history and the message, each with its tokens, and what was left out and why.`,
    },
  },
  {
    title: 'Questions about using Parley',
    content: {
      type: 'faq',
      items: [
        {
          question: 'How do I send a message?',
          answer:
            'POST /v1/chat with bot_id, message and user_id, and your key in the Authorization header as Bearer. The reply comes back as JSON.',
        },
        {
          question: 'How do I stream a reply?',
          answer:
            'Add "stream": true to the body of POST /v1/chat. The reply comes as server-sent events: turn.started, then reply.delta for each piece of text, then turn.completed with the whole turn.',
        },
        {
          question: 'How does Parley know which conversation a message belongs to?',
          answer:
            'By the user_id: it resumes that user’s latest open conversation with the bot, or starts one. Send conversation_id to name a conversation, or new_conversation to start a new one.',
        },
        {
          question: 'How do I use a language model such as OpenAI or a local one?',
          answer:
            'Set OPENAI_API_KEY, or PARLEY_PROVIDER_LOCAL_URL=http://127.0.0.1:11434/v1 for a local server that speaks the OpenAI dialect, start Parley again, and set the bot’s model to openai/ or local/ followed by the model’s name.',
        },
        {
          question: 'How do I teach a bot about my business?',
          answer:
            'Write the business_description and the instructions of the bot, and add knowledge with POST /v1/bots/{id}/sources as text or as question and answer pairs.',
        },
        {
          question: 'How do I make another API key?',
          answer:
            'Run npm run --silent parley -- key create --name NAME --scopes all, also while the server runs, or POST /v1/keys. A secret is shown once.',
        },
        {
          question: 'What happens when two messages of one user cross?',
          answer:
            'One turn runs in a conversation at a time. on_busy says what happens to the second message: queue, reject, interrupt or merge. The default is queue.',
        },
        {
          question: 'How do I back up Parley?',
          answer:
            'Run npm run parley -- backup FILE while the server runs. Keep the secret file of the data directory with it.',
        },
        {
          question: 'What does a message cost?',
          answer:
            'A self-hosted installation has no limit unless you set one with PARLEY_PLANS. With a plan, a completed turn counts as one message; failed turns, retries and greetings are free.',
        },
        {
          question: 'Where is the API documentation?',
          answer: 'Open /docs on your server for the reference, and /openapi.json for the OpenAPI 3.1 document.',
        },
      ],
    },
  },
];
