import { describe } from 'vitest';
import { builtinModel } from '../src/model/builtin/builtin-model.ts';
import { contextMessage, modelContext, modelRequest } from './ask-model.ts';
import { anthropicRow, googleRow, openAiCompatibleRow } from './model-clients/client-row.ts';
import { describeAimock } from './model-clients/describe-aimock.ts';
import { describeChat } from './model-clients/describe-chat.ts';

describe.each([
  [openAiCompatibleRow, '/v1'],
  [anthropicRow, '/v1'],
  [googleRow, '/v1beta'],
] as const)('the client $type', (row, path) => {
  describeAimock(row, path);
});

describe('the client builtin', () => {
  const passage = (index: number, text: string) => ({
    index,
    chunkId: `chunk_${index}`,
    sourceId: 'src_1',
    title: 'Delivery',
    headings: [],
    url: null,
    page: null,
    text,
    score: 0.9,
    tokens: 20,
  });
  const context = modelContext({
    messages: [contextMessage('user', 'How long does delivery to Batumi take?')],
    passages: [passage(1, 'Delivery to Batumi takes three days and costs five lari for every parcel.')],
  });
  describeChat({
    name: 'builtin',
    reply: 'Delivery to Batumi takes three days and costs five lari for every parcel.',
    client: builtinModel,
    request: (overrides) => modelRequest({ context, ...overrides }),
  });
});
