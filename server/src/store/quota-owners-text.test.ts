import { expect, test } from 'vitest';
import { newId } from '../kit/id.ts';
import { packOwners, readOwners } from './quota-owners-text.ts';

const workspaceId = newId('ws');
const root = { workspaceId, ownerId: workspaceId };

test.each([
  ['nobody', []],
  ['the workspace alone', [root]],
  ['a bot alone', [{ workspaceId, ownerId: newId('bot') }]],
  ['another workspace alone', [{ workspaceId: 'ws_other', ownerId: 'ws_other' }]],
  ['a whole path', [{ workspaceId: 'ws_agency', ownerId: 'ws_agency' }, root, { workspaceId, ownerId: 'user:"ü\\' }]],
])('%s is read as it was written, in the form of plain JSON', (_what, owners) => {
  const text = packOwners(owners);
  expect(readOwners(text, workspaceId)).toEqual(owners);
  const plain = owners.map((owner) => [owner.workspaceId, owner.ownerId]);
  expect(text).toBe(owners.length === 0 ? null : JSON.stringify(plain));
});
