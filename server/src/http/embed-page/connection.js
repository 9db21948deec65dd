/**
 * How the embedded page talks to its server: the key and tokens that it shows, and what this browser keeps of them. Where the
 * browser keeps nothing for framed pages, the conversation lasts as long as the page.
 */

const { key, keyId } = document.body.dataset;
const place = `parley ${keyId}`;
const renewEveryMs = 4 * 60_000;

/** `{ visitorToken, conversationId, turnId }`, each where there is one. */
export const memory = (() => {
  let values = {};
  try {
    values = JSON.parse(localStorage.getItem(place) ?? '{}');
  } catch {
    // no storage, or not ours: begin anew
  }
  return {
    get: (name) => values[name] ?? null,
    set(changes) {
      values = { ...values, ...changes };
      try {
        localStorage.setItem(place, JSON.stringify(values));
      } catch {
        // lasts as long as the page
      }
    },
  };
})();

let embedToken = document.body.dataset.embedToken;
let embedTokenFrom = Date.now();

export class Refused extends Error {
  constructor(problem, response) {
    super(problem.detail ?? 'The chat cannot be reached.');
    this.code = problem.error?.code ?? 'unknown';
    this.retryAfterMs = 1_000 * Number(response.headers.get('retry-after') ?? 0);
  }
}

export const call = async (method, path, { body, headers = {} } = {}) => {
  const visitorToken = memory.get('visitorToken');
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    credentials: 'omit',
    headers: {
      authorization: `Bearer ${key}`,
      'parley-embed-token': embedToken,
      ...(visitorToken === null ? {} : { 'parley-visitor-token': visitorToken }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const given = response.headers.get('parley-visitor-token');
  if (given) memory.set({ visitorToken: given });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const refused = new Refused(problem, response);
  if (refused.code === 'invalid_embed_token') {
    // the browser asks anew whether this page may be framed here
    location.reload();
    await new Promise(() => {});
  }
  if (refused.code === 'invalid_visitor_token' && visitorToken !== null) {
    memory.set({ visitorToken: null, conversationId: null, turnId: null });
    return call(method, path, { body: withoutConversation(body), headers });
  }
  throw refused;
};

const withoutConversation = (body) => {
  if (body === undefined) return undefined;
  const { conversation_id: _gone, ...rest } = body;
  return rest;
};

export const renewEmbedToken = async () => {
  if (Date.now() - embedTokenFrom < renewEveryMs) return;
  try {
    ({ token: embedToken } = await (await call('POST', '/v1/embed_tokens')).json());
    embedTokenFrom = Date.now();
  } catch {
    // the next call says what is wrong
  }
};

/** The events of a stream as they come: `{ id, event, data }`. */
export async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    unread += value;
    const frames = unread.split('\n\n');
    unread = frames.pop();
    for (const frame of frames) {
      const fields = Object.fromEntries(
        frame
          .split('\n')
          .map((line) => /^(id|event|data): ([^\n]*)$/.exec(line))
          .filter((match) => match !== null)
          .map(([, name, text]) => [name, text]),
      );
      if (fields.event) yield { ...fields, data: JSON.parse(fields.data) };
    }
  }
}
