import type { ChatModel } from '../../core/turn/chat-model.ts';
import type { ClientOptions } from '../exchange/client-options.ts';
import { createDialectClient } from '../exchange/dialect-client.ts';
import { adaptTo } from './adapt.ts';
import { MessageAnswer } from './answer.ts';
import { buildBody } from './build-body.ts';
import { readEndpoint } from './endpoint.ts';
import { initialQuirks } from './quirks.ts';

const createAnswer = (...given: ConstructorParameters<typeof MessageAnswer>) => new MessageAnswer(...given);

/**
 * A client for Anthropic's Messages API, and for servers that speak it. `baseUrl` is with the version and without
 * `/messages`: `https://api.anthropic.com/v1`. Throws `Error` where URL or key cannot be used.
 */
export const createAnthropic = (options: ClientOptions): ChatModel =>
  createDialectClient({ readEndpoint, initialQuirks, buildBody, createAnswer, adaptTo }, options);
