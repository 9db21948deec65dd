/** Speaks to a server as any program would: over HTTP, with a key. */
export const apiClient = (url: string, defaultKey: string) => ({
  /** Sends a request with the first key unless told otherwise; a body may be text as it is. */
  async send(method: string, path: string, request: Sending = {}): Promise<Answer> {
    const response = await fetch(url + path, requestOf(method, request, defaultKey));
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  },

  /** Opens an event stream. */
  async open(method: string, path: string, request: Sending = {}): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(url + path, { ...requestOf(method, request, defaultKey), signal: abort.signal });
    return readEvents(response, abort);
  },
});

export type ApiClient = ReturnType<typeof apiClient>;

export type Sending = { key?: string | null; body?: unknown; headers?: Record<string, string> };

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  body: any;
};

const requestOf = (method: string, request: Sending, defaultKey: string): RequestInit => {
  const key = request.key === undefined ? defaultKey : request.key;
  const { body } = request;
  return {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type StreamEvent = { id: string; event: string; data: any };

export type EventReader = {
  response: Response;
  /** What has come so far. */
  events: StreamEvent[];
  /** The bytes as they came. */
  raw(): string;
  /** Resolves with the first event of this name, whether it has come or is to come. */
  until(name: string): Promise<StreamEvent>;
  /** Resolves when the stream has ended, also where the connection broke. */
  done: Promise<void>;
  /** Cuts the connection. */
  cut(): void;
};

const readEvents = (response: Response, abort: AbortController): EventReader => {
  const events: StreamEvent[] = [];
  let raw = '';
  let unread = '';
  let wake: (() => void)[] = [];
  let ended = false;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of response.body ?? []) {
        const text = decoder.decode(bytes as Uint8Array, { stream: true });
        raw += text;
        unread += text;
        const frames = unread.split('\n\n');
        unread = frames.pop() ?? '';
        events.push(...frames.flatMap(parseFrame));
        for (const resume of wake.splice(0)) resume();
      }
    } catch {
      // cut by the test, or by a server that was killed: what came before it is what counts
    } finally {
      ended = true;
      for (const resume of wake) resume();
      wake = [];
    }
  };
  const done = read();
  return {
    response,
    events,
    raw: () => raw,
    async until(name) {
      for (;;) {
        const found = events.find((event) => event.event === name);
        if (found) return found;
        if (ended) throw new Error(`the stream ended without ${name}: ${raw.slice(-500)}`);
        await new Promise<void>((resolve) => {
          wake.push(resolve);
        });
      }
    },
    done,
    cut: () => abort.abort(),
  };
};

const parseFrame = (frame: string): StreamEvent[] => {
  const fields = new Map(
    frame
      .split('\n')
      .map((line) => /^([a-z]+): (.*)$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1], match[2]]),
  );
  const name = fields.get('event');
  return name === undefined
    ? []
    : [{ id: fields.get('id') ?? '', event: name, data: JSON.parse(fields.get('data') ?? 'null') as unknown }];
};
