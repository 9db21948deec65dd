import type { Socket } from 'node:net';
import { FaultProvider, type FaultRequest } from '../../server/test/fault-provider.ts';
import type { WireFormat } from '../../server/test/model-clients/wire-format.ts';
import { type DialectName, dialects, type Mode } from './dialects.ts';
import type { HonestModel } from './honest-model.ts';

/** One request on its way through the proxy. */
export type Passage = {
  /** To the caller, raw: what is written here are the bytes that it sees, the head included. */
  socket: Socket;
  wire: WireFormat;
  stream: boolean;
  /** The body of the answer that the provider behind gives: event by event where it is streamed, else in one piece. */
  honest: () => Promise<string[]>;
};

/** What goes wrong on the way. What it leaves open stays open until the proxy closes. */
export type Fault = (passage: Passage) => void | Promise<void>;

export type FaultProxy = {
  origin: string;
  /** Requests that came for a model in a dialect. */
  callsOf(model: string, dialect: DialectName): number;
  close(): Promise<void>;
};

/** The answers of a provider, broken on the way by the fault that belongs to the model of the request. */
export const startFaultProxy = async (
  upstream: HonestModel,
  faultOf: (model: string) => Fault,
): Promise<FaultProxy> => {
  const provider = await FaultProvider.start();
  const calls = new Map<string, number>();
  provider.answerBy((request) => {
    const { model, dialect, mode } = readCall(request);
    const call = `${dialect}/${model}`;
    calls.set(call, (calls.get(call) ?? 0) + 1);
    return async (socket) => {
      await faultOf(model)({
        socket,
        wire: dialects[dialect].wire,
        stream: mode === 'stream',
        honest: () => forward(upstream, request, mode),
      });
    };
  });
  return {
    origin: provider.origin,
    callsOf: (model, dialect) => calls.get(`${dialect}/${model}`) ?? 0,
    close: () => provider.stop(),
  };
};

/** What is asked, and how: Gemini says it in the path, the others in the body. */
const readCall = ({ line, body }: FaultRequest): { model: string; dialect: DialectName; mode: Mode } => {
  const gemini = /\/models\/([^:]+):(stream)?/.exec(line);
  if (gemini) return { model: gemini[1] ?? '', dialect: 'gemini', mode: gemini[2] === undefined ? 'json' : 'stream' };
  const dialect = line.includes('/messages') ? 'anthropic' : 'openai';
  return { model: String(body['model']), dialect, mode: body['stream'] === true ? 'stream' : 'json' };
};

const forward = async (upstream: HonestModel, request: FaultRequest, mode: Mode): Promise<string[]> => {
  const [, path = ''] = request.line.split(' ');
  const response = await fetch(upstream.origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the provider behind the proxy answered ${response.status}: ${text}`);
  return mode === 'stream' ? text.split(/(?<=\n\n)/).filter((event) => event.trim() !== '') : [text];
};
