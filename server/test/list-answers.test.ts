import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

const markdown = `# Orders and payment

A person reads your order within one working day. You get a message when it has been packed.

You can pay by:

- credit card (Visa, Mastercard)
- bank transfer
- cash when you collect your order in Graz

Refunds are paid back the way you paid within five days. A payment that failed is tried again for two days. After that
the order is cancelled, and you can place it again.

To return something:

1. Open your order in your account.
2. Choose "Return" and print the label.

The refund follows when the parcel has arrived with us. Returns from outside of the European Union cost 12 euros.
`;

const handbook = `# Handbook

## Sick leave

1. Tell your manager that you cannot come.
2. Enter the days in the calendar. Choose the kind "ill".
3. Hand in the note of a doctor for a sick leave of more than three days.

\`\`\`
POST /absences { "kind": "sick leave" }
\`\`\`

A sick leave is seen by the leaders of your team. They do not see why you are on sick leave.

## New laptop

1. Set the laptop up:

   \`\`\`
   install --all
   \`\`\`
2. Restart it.
3. Register the new laptop with the help desk.
`;

const html = `<title>Guest house Alder</title><main><h1>Guest house Alder</h1>
<p>It stands at the edge of the village and was built in 1904. Every room looks out on the garden.</p>
<p>Pets that are welcome:</p><ul><li>dogs</li><li>cats</li></ul>
<p>Pets cost 8 euros a night each. They must not be alone in the room. Please bring their own blanket.</p></main>`;

let server: Server;
let bot: string;

beforeAll(async () => {
  server = await boot();
  bot = (await server.send('POST', '/v1/bots', { body: { name: 'Shop' } })).body.id as string;
  for (const [name, text] of [
    ['orders.md', markdown],
    ['handbook.md', handbook],
    ['house.html', html],
  ] as const) {
    const form = new FormData();
    form.append('file', new Blob([text]), name);
    const headers = { authorization: `Bearer ${server.key}` };
    await fetch(`${server.url}/v1/bots/${bot}/sources`, { method: 'POST', headers, body: form });
  }
  const statuses = async (): Promise<string[]> =>
    (await server.send('GET', `/v1/bots/${bot}/sources`)).body.data.map(({ status }: { status: string }) => status);
  const ready = ['ready', 'ready', 'ready'];
  await vi.waitUntil(async () => String(await statuses()) === String(ready), { timeout: 15_000 });
});
afterAll(() => server.close());

test.each([
  [
    'How can I pay?',
    'You can pay by:\n- credit card (Visa, Mastercard)\n- bank transfer\n- cash when you collect your order in Graz',
  ],
  [
    'How do I return something?',
    'To return something:\n1. Open your order in your account.\n2. Choose "Return" and print the label.',
  ],
  ['Which pets are welcome?', 'Pets that are welcome:\n- dogs\n- cats'],
])('builtin answers "%s" with the whole list of a file', async (message, list) => {
  const { body } = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message } });
  expect(body.reply.content).toContain(list);
});

test.each([
  [
    'What are the steps for sick leave?',
    [
      '1. Tell your manager that you cannot come.',
      '2. Enter the days in the calendar. Choose the kind "ill".',
      '3. Hand in the note of a doctor for a sick leave of more than three days.',
    ],
  ],
  [
    'How do I register a new laptop?',
    ['1. Set the laptop up:', 'install --all', '2. Restart it.', '3. Register the new laptop with the help desk.'],
  ],
])('builtin answers "%s" with the steps from the first on, and with nothing behind them', async (message, steps) => {
  const { body } = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message } });
  expect(body.reply.content).toBe(steps.join('\n'));
});
