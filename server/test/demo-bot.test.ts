import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
let demoBot: string;

beforeAll(async () => {
  server = await boot();
  const { body } = await server.send('GET', '/v1/bots');
  demoBot = body.data[0].id as string;
  // what it knows is taken in beside the first requests
  const statuses = async (): Promise<string[]> => {
    const sources = await server.send('GET', `/v1/bots/${demoBot}/sources`);
    return sources.body.data.map(({ status }: { status: string }) => status);
  };
  await vi.waitUntil(async () => (await statuses()).every((status) => status === 'ready'), { timeout: 15_000 });
});
afterAll(() => server.close());

const ask = async (message: string) => {
  const { body } = await server.send('POST', '/v1/chat', { body: { bot_id: demoBot, message } });
  return body as { finish_reason: string; reply: { content: string } };
};

/** What somebody who has just started Parley asks first, and a word that only the right answer has. */
const questions: [question: string, word: string][] = [
  ['What is Parley?', 'engine'],
  ['How do I start Parley?', 'run npm ci and then npm start'],
  ['How do I get started?', 'run npm ci and then npm start'],
  ['How do I install Parley?', 'Node 24'],
  ['How do I run it with Docker?', 'docker run'],
  ['How do I change the port?', 'PARLEY_PORT'],
  ['How do I create a bot?', 'POST /v1/bots:'],
  ['How do I get an API key?', 'from the first start, which prints it once. If the key is lost'],
  ['How do I send a message?', 'POST /v1/chat'],
  ['Where is my data stored?', 'parley.db'],
  ['Which models can I use?', 'OpenAI, of Anthropic, of Google'],
  ['Can I use Claude?', 'ANTHROPIC_API_KEY'],
  ['What does it cost?', 'free'],
  ['What is the licence?', 'Apache 2.0'],
  ['What license does Parley have?', 'Apache 2.0'],
  ['Can I upload a PDF?', 'DOCX'],
  ['Is there a web console?', 'Not in this version'],
  ['How do I stream a reply?', '"stream": true'],
  ['How do I use Ollama?', 'PARLEY_PROVIDER_LOCAL_URL'],
  ['Can I use PostgreSQL?', 'DATABASE_URL'],
  ['Can I embed the chat in my website?', 'publishable'],
  ["How do I delete a user's data?", 'DELETE /v1/users'],
  ['How do I rotate a key?', 'rotate'],
  ['How do I back up?', 'backup FILE'],
  ['Do you support webhooks?', '/v1/webhook_endpoints'],
  ['Can a human take over?', 'human'],
  ['What happens when the model fails?', 'fallback_models'],
  ['How do I know what the model saw?', '/context'],
  ['Does it remember what I said?', 'latest messages'],
  ['Does a retry cost anything?', 'costs nothing'],
];

describe('the demo bot', () => {
  it.each(questions)('answers "%s"', async (question, word) => {
    const turn = await ask(question);
    expect(turn.finish_reason).toBe('stop');
    expect(turn.reply.content).toContain(word);
  });

  it('says that it does not know what its knowledge does not hold', async () => {
    expect((await ask('Tell me a joke about penguins')).finish_reason).toBe('fallback');
  });
});
