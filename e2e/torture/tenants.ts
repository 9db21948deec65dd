import type { Tenant } from './client.ts';

/** What the second tenant may use up: its clients ask for more, so that the limit is met under every fault. */
const smallShare = 40;

/** The installation's own workspace, and a client of it with a small share of the quota; each with a bot of its own. */
export const makeTenants = async (url: string, firstOutput: string): Promise<[Tenant, Tenant]> => {
  const key = /prl_live_\w+/.exec(firstOutput)?.[0];
  if (key === undefined) throw new Error(`the first start printed no key: ${firstOutput}`);
  const send = async <Body>(path: string, body: unknown, workspace?: string): Promise<Body> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(workspace === undefined ? {} : { 'parley-workspace': workspace }),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const { id } = await send<{ id: string }>('/v1/workspaces', {
    name: 'Client',
    share: { messages_per_month: smallShare },
  });
  const own = await send<{ secret: string }>('/v1/keys', { name: 'Own', scopes: ['all'] }, id);
  const botOf = async (name: string, workspace?: string) =>
    (await send<{ id: string }>('/v1/bots', { name, model: `test/${name}` }, workspace)).id;
  return [
    { name: 'a', key, botId: await botOf('a') },
    { name: 'b', key: own.secret, botId: await botOf('b', id) },
  ];
};

/** Where what happens is told to, and to nobody else. */
export const addWebhook = async (url: string, { key }: Tenant, receiver: string): Promise<void> => {
  const response = await fetch(`${url}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver, events: ['turn.completed'] }),
  });
  if (!response.ok) throw new Error(await response.text());
};
