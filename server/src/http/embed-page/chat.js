/**
 * The chat of the embedded page. Plain JavaScript for browsers, without a build: what the server serves is what stands
 * here. Text becomes text nodes, never markup. A reload goes on where the page was.
 */

import { call, memory, readEvents, Refused, renewEmbedToken } from './connection.js';

/** Tries to go on with a turn's stream before the visitor is told. */
const maxTries = 6;
/** A turn that says nothing for so long may be one that a person answers. */
const silentMs = 2_000;
const element = (id) => document.getElementById(id);

const messages = element('messages');
const say = (text) => {
  element('status').textContent = text;
};
const isAtEnd = () => messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
const scrollToEnd = () => {
  messages.scrollTop = messages.scrollHeight;
};

const show = (role, text) => {
  const bubble = document.createElement('div');
  bubble.className = `message ${role}`;
  // of the words alone: which side the bubble stands on goes by the page
  const words = document.createElement('div');
  words.className = 'words';
  words.dir = 'auto';
  words.textContent = text;
  bubble.append(words);
  messages.append(bubble);
  scrollToEnd();
  return {
    add(more) {
      const follow = isAtEnd();
      bubble.hidden = false;
      words.append(more);
      if (follow) scrollToEnd();
    },
    replace(whole) {
      bubble.hidden = false;
      words.textContent = whole;
    },
    hide: () => {
      bubble.hidden = true;
    },
    running(isRunning) {
      bubble.classList.toggle('running', isRunning);
    },
    cite(citations) {
      if (citations.length > 0) bubble.append(listSources(citations));
    },
    remove: () => bubble.remove(),
  };
};

const listSources = (citations) => {
  const list = document.createElement('ul');
  list.className = 'sources';
  for (const { index, title, url } of citations) {
    const item = document.createElement('li');
    item.dir = 'auto';
    const isLink = url !== null && /^https?:\/\//.test(url);
    const name = document.createElement(isLink ? 'a' : 'span');
    name.textContent = `[${index}] ${title}`;
    if (isLink) Object.assign(name, { href: url, target: '_blank', rel: 'noopener noreferrer nofollow' });
    item.append(name);
    list.append(item);
  }
  return list;
};

/** The turn that the visitor waits for: what it is called, and how far it has been read. */
let running = null;

const setRunning = (turn) => {
  running = turn;
  element('stop').hidden = turn?.id == null;
};

/** Where a page that is loaded anew goes on. */
const remember = (turn) => {
  if (running === turn) memory.set({ turnId: turn.id });
};

/** Of a turn that is over. Another one may have begun, where a person was waited for. */
const forget = (turn) => {
  if (running === turn) setRunning(null);
  if (memory.get('turnId') === turn.id) memory.set({ turnId: null });
};

const readState = async ({ id }) => (await call('GET', `/v1/turns/${id}`)).json();

/**
 * A person who has the conversation in hand may take their time. Until they reply the visitor may write more, and the
 * stream is read on.
 */
const lookForPerson = async (turn) => {
  if (turn.id === null) return;
  const { finish_reason: reason, reply } = await readState(turn);
  if (reason !== 'human' || reply || running !== turn) return;
  turn.bubble.hide();
  say('A person will answer here.');
  setRunning(null);
};

/** Shows a turn from a response's events; true once its end was seen. */
const follow = async (response, turn) => {
  let silence;
  const watch = () => {
    clearTimeout(silence);
    silence = setTimeout(() => void lookForPerson(turn).catch(() => {}), silentMs);
  };
  watch();
  try {
    for await (const { id, event, data } of readEvents(response)) {
      turn.lastEventId = id;
      clearTimeout(silence);
      if (event === 'turn.queued' || event === 'turn.started') {
        turn.id = data.turn_id;
        memory.set({ conversationId: data.conversation_id });
        if (running === turn) setRunning(turn);
        remember(turn);
        if (event === 'turn.started') watch();
      } else if (event === 'reply.delta') turn.bubble.add(data.text);
      else if (event === 'reply.reset') turn.bubble.replace('');
      else if (event.startsWith('turn.')) {
        finish(turn, data, event);
        return true;
      }
    }
    return false;
  } finally {
    clearTimeout(silence);
  }
};

const finish = (turn, { reply, finish_reason: reason }, event) => {
  turn.bubble.running(false);
  if (reply) {
    turn.bubble.replace(reply.content);
    turn.bubble.cite(reply.citations);
  } else turn.bubble.remove();
  if (event === 'turn.failed') say('That did not work. Please send it again.');
  else if (reason === 'human') say('A person will answer here.');
  else say('');
  forget(turn);
};

const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Reads a turn to its end over as many connections as it takes; `open` makes the first where there is no turn yet. */
const readTurn = async (turn, open) => {
  let isStreamGone = false;
  for (let tries = 0; ; tries++) {
    try {
      if (isStreamGone) {
        const state = await readState(turn);
        finish(turn, state, `turn.${state.status}`);
        return;
      }
      const response = turn.id === null ? await open() : await resume(turn);
      if (running === turn) say('');
      if (await follow(response, turn)) return;
    } catch (error) {
      if (error instanceof Refused && error.code === 'turn_log_expired') {
        // its stream is kept for an hour, the turn itself stays
        isStreamGone = true;
        continue;
      }
      const isFinal = error instanceof Refused && !['overloaded', 'storage_unavailable'].includes(error.code);
      if (isFinal || tries >= maxTries) {
        turn.bubble.remove();
        forget(turn);
        say(error instanceof Refused ? error.message : 'The chat cannot be reached.');
        throw error;
      }
      say('Connecting …');
      await pause(error.retryAfterMs || Math.min(8_000, 500 * 2 ** tries));
    }
  }
};

const resume = (turn) =>
  call('GET', `/v1/turns/${turn.id}/stream`, {
    headers: { accept: 'text/event-stream', ...(turn.lastEventId ? { 'last-event-id': turn.lastEventId } : {}) },
  });

const newTurn = (id = null) => {
  const turn = { id, lastEventId: null, bubble: show('assistant', '') };
  turn.bubble.running(true);
  return turn;
};

const randomName = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const send = async (text) => {
  const asked = show('user', text);
  const turn = newTurn();
  setRunning(turn);
  remember(turn);
  // one name for all tries: a message whose answer was lost is not sent twice
  const name = randomName();
  const conversationId = memory.get('conversationId');
  const body = { message: text, stream: true, ...(conversationId === null ? {} : { conversation_id: conversationId }) };
  try {
    await readTurn(turn, () => call('POST', '/v1/chat', { body, headers: { 'idempotency-key': name } }));
  } catch (error) {
    if (error.code === 'not_found') memory.set({ conversationId: null });
    // what was accepted is not to be sent again
    if (turn.id !== null) return;
    asked.remove();
    element('text').value = text;
  }
};

/** What was said before this page was loaded; then the turn that was running, from its start. */
const restore = async () => {
  const conversationId = memory.get('conversationId');
  if (conversationId === null) return false;
  const turnId = memory.get('turnId');
  try {
    const response = await call('GET', `/v1/conversations/${conversationId}?messages=50`);
    const { data } = (await response.json()).messages;
    for (const { role, content, turn_id: of, citations } of data.toReversed()) {
      if (role !== 'user' && turnId !== null && of === turnId) continue;
      show(role === 'human' ? 'assistant' : role, content).cite(citations);
    }
  } catch (error) {
    if (error.code !== 'not_found') throw error;
    memory.set({ conversationId: null, turnId: null });
    return false;
  }
  if (turnId !== null) {
    const turn = newTurn(turnId);
    setRunning(turn);
    void readTurn(turn).catch(() => {});
  }
  return true;
};

const composer = element('composer');
const field = element('text');

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text === '' || running) return;
  field.value = '';
  void renewEmbedToken().then(() => send(text));
});
field.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});
element('stop').addEventListener('click', () => {
  if (running?.id) void call('POST', `/v1/turns/${running.id}/cancel`).catch(() => {});
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void renewEmbedToken();
});
setInterval(() => void renewEmbedToken(), 60_000);

/** Scripts of living languages that are written from right to left. */
const rightToLeft = new Set(['Adlm', 'Arab', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Samr', 'Syrc', 'Thaa', 'Yezi']);

/** Lays the page out as the language is written, which its tag says of itself or has a usual script for. */
const useLanguage = (tag) => {
  if (tag === 'auto') return;
  document.documentElement.lang = tag;
  try {
    const { script } = new Intl.Locale(tag).maximize();
    document.documentElement.dir = rightToLeft.has(script) ? 'rtl' : 'ltr';
  } catch {
    // a tag that only looks like one: as the page is
  }
};

const start = async () => {
  const config = await (await call('GET', '/v1/widget_config')).json();
  useLanguage(config.language);
  const { color } = config.branding;
  // a colour by any of its spellings, and nothing else: no address to load, no second declaration
  if (color !== undefined && CSS.supports('color', color)) {
    document.documentElement.style.setProperty('--accent', color);
  }
  const restored = await restore();
  if (!restored && config.greeting !== '') show('assistant', config.greeting);
  document.body.dataset.ready = 'true';
};

start().catch((error) => say(error instanceof Refused ? error.message : 'The chat cannot be reached.'));
