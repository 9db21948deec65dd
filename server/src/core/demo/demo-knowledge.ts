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
    title: 'Questions about starting Parley',
    content: {
      type: 'faq',
      items: [
        {
          question: 'How do I start Parley? How do I get the server started?',
          answer:
            'To start Parley, run npm ci and then npm start in its folder. The server listens on http://127.0.0.1:8787, and prints a key and a command that asks the demo bot when it runs for the first time.',
        },
        {
          question:
            'How do I install Parley? What are the requirements, what does it need to run, and which version of Node?',
          answer:
            'npm ci installs it on any machine with npm, from Node 20 on; there is no build step. Parley runs on Node 24, which npm ci brings along on Linux and on Windows (x64); elsewhere, on a Mac for instance, install Node 24 first.',
        },
        {
          question: 'How do I run Parley with Docker?',
          answer:
            'Run docker build -t parley . and then docker run --name parley -p 8787:8787 -v parley-data:/data --stop-timeout 45 parley',
        },
        {
          question: 'How do I change the port or the address of the server?',
          answer: 'Set PARLEY_PORT, which is 8787 otherwise, and PARLEY_HOST, which is 127.0.0.1 otherwise.',
        },
        {
          question: 'How do I stop the server?',
          answer:
            'Press Ctrl-C, or send SIGTERM. Replies that are being written get up to 25 seconds to finish, the next start goes on with the rest, and nothing that is stored is lost.',
        },
        {
          question: 'Where is my data stored, and where does Parley keep it?',
          answer:
            'Parley keeps its data in the data directory, which is ./data unless PARLEY_DATA_DIR names another: the SQLite database parley.db and the file secret. With DATABASE_URL everything is stored in your PostgreSQL database. Nothing is sent anywhere but to the model providers that you configure.',
        },
        {
          question: 'How do I get an API key?',
          answer:
            'You get the first API key from the first start, which prints it once. If the key is lost, run npm run --silent parley -- key create --name NAME --scopes all, also while the server runs.',
        },
        {
          question: 'How do I create a bot, or make a new one?',
          answer:
            'Create a bot with POST /v1/bots: send a name, and your key in the Authorization header as Bearer. Everything but the name has a default, such as the instructions, the greeting and the model. The answer is the bot with its id.',
        },
        {
          question: 'Which models (LLMs) can I use?',
          answer:
            'The builtin model, which needs no provider, and the models of OpenAI, of Anthropic, of Google, and of every server that speaks OpenAI’s chat completions, such as Ollama, vLLM, llama.cpp, Groq or Mistral. A bot names its model with the provider, such as openai/gpt-4.1 or local/llama3.2.',
        },
        {
          question: 'What is builtin?',
          answer:
            'builtin is the model that is no language model: it quotes the sentences of the knowledge base that fit the question best, or says that it does not know.',
        },
        {
          question: 'What does Parley cost? Is it free?',
          answer:
            'Parley itself is free: it is open source, and you host it yourself. The builtin model costs nothing. Where you use the model of a provider, you pay the provider for its tokens.',
        },
        {
          question: 'What is the licence (license) of Parley?',
          answer: 'Parley is open source under the Apache 2.0 licence.',
        },
        {
          question: 'Is there a chat widget, a web console, or a channel such as WhatsApp or Telegram?',
          answer:
            'Not in this version. The chat widget, the web console and channels such as Telegram and WhatsApp are planned.',
        },
      ],
    },
  },
  {
    title: 'Questions about using Parley',
    content: {
      type: 'faq',
      items: [
        {
          question: 'What is Parley?',
          answer:
            'Parley is an AI chat engine behind a REST API that you host yourself: you send a message with a user id, and it holds the conversation, asks the model, stores the reply and counts it once.',
        },
        {
          question: 'How do I send a message?',
          answer:
            'Send a message with POST /v1/chat: bot_id, message and user_id in the body, and your key in the Authorization header as Bearer. The answer is the finished turn as JSON, with the reply in it.',
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
          question: 'How do I use Claude of Anthropic, or Gemini of Google?',
          answer:
            'Set ANTHROPIC_API_KEY or PARLEY_PROVIDER_GOOGLE_KEY, restart the server, and set the bot’s model to anthropic/ or google/ followed by the model’s name.',
        },
        {
          question: 'How do I use a language model such as OpenAI, or a local one such as Ollama?',
          answer:
            'Set OPENAI_API_KEY, or PARLEY_PROVIDER_LOCAL_URL=http://127.0.0.1:11434/v1 for a local server that speaks the OpenAI dialect, restart the server, and set the bot’s model to openai/ or local/ followed by the model’s name.',
        },
        {
          question: 'How do I teach a bot about my business?',
          answer:
            'Write the business_description and the instructions of the bot, and add knowledge with POST /v1/bots/{id}/sources as text, as question and answer pairs, as files or from the web.',
        },
        {
          question: 'Can I upload a file such as a PDF, or add a web page?',
          answer:
            'Yes. POST /v1/bots/{id}/sources takes PDF, DOCX, HTML, Markdown, text and CSV files up to 20 MB, and the addresses of pages, sitemaps and whole sites.',
        },
        {
          question: 'How do I see my usage?',
          answer: 'GET /v1/usage says what was used this month, and GET /v1/usage/ledger every single charge.',
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
          question: 'How do I back up, and where is the backup of the secret?',
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
  {
    title: 'Questions about what Parley can do',
    content: {
      type: 'faq',
      items: [
        {
          question: 'Can I use PostgreSQL instead of SQLite?',
          answer:
            'Yes. Set DATABASE_URL and PARLEY_SECRET, and Parley uses PostgreSQL 15 or newer, for any number of servers. With parley export and parley import you move a workspace from one database to the other.',
        },
        {
          question: 'How do I put a chat on my web page?',
          answer:
            'Make a publishable key with POST /v1/keys, type publishable, for one bot and the origins of your pages. It may only chat. The page /embed/KEY shows a chat for an iframe.',
        },
        {
          question: 'How does the bot know which of my users is chatting in the browser?',
          answer:
            'Your server signs a user token, a JWT with the bot’s user token secret, and the page sends it along. The anonymous visitor then becomes your known user.',
        },
        {
          question: 'How do I rotate a key?',
          answer:
            'POST /v1/keys/{id}/rotate gives the key a new secret. The old one works until the overlap ends; finish-rotation ends it early. DELETE /v1/keys/{id} revokes the key.',
        },
        {
          question: 'How do I delete a user’s data?',
          answer:
            'DELETE /v1/users/{user_id} erases the user with every conversation, and answers with a receipt that counts what was removed. GET /v1/users/{user_id}/export gives everything as JSON lines before.',
        },
        {
          question: 'How do I get webhooks?',
          answer:
            'POST /v1/webhook_endpoints with the URL and the events that you want. Every event is signed as Standard Webhooks has it, and tried ten times in about 75 hours.',
        },
        {
          question: 'Can a person take over a conversation?',
          answer:
            'Yes. Set the conversation’s status to human with PATCH /v1/conversations/{id}, answer with POST /v1/conversations/{id}/reply, and set the status to open to hand it to the bot again.',
        },
        {
          question: 'How does an agency give each client a workspace?',
          answer:
            'POST /v1/workspaces makes a client workspace with a plan of its own or a share of your quota. Work in it with the header Parley-Workspace.',
        },
        {
          question: 'What happens when the model fails?',
          answer:
            'Parley tries the bot’s model again and then its fallback_models in turn. If no model can be reached, on_model_failure says whether the fallback text is given, free of charge, or the call fails with model_unavailable.',
        },
        {
          question: 'How do I know what the model saw, and why it said that?',
          answer:
            'Read the receipt of the turn with GET /v1/turns/{id}/context: instructions, passages, history and message, each with its tokens, what was left out and why, and what it cost.',
        },
        {
          question: 'Does the bot remember what was said in earlier messages?',
          answer:
            'Yes, the latest messages of the conversation, as many as the plan and the bot’s memory setting allow. Everything stored can be read with GET /v1/conversations/{id}/messages.',
        },
      ],
    },
  },
];
