import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { type ChainCheck, checkChain } from '../core/audit/audit-chain.ts';
import type { Store } from '../core/store.ts';
import { openStore } from '../store/open-store.ts';
import { requireDatabase } from './claim-store.ts';
import { type Command, exitCodes } from './command.ts';
import { readFlags } from './read-flags.ts';

/** Chains read at once. */
const batchSize = 100;

const lineOf = ({ head, broken }: ChainCheck): string =>
  broken === null
    ? `ok      ${head.workspaceId} ${head.length} ${head.hash}`
    : `BROKEN  ${head.workspaceId} at entry ${broken.position} of ${head.length}: ${broken.reason}`;

async function* checkAll({ readers }: Store): AsyncGenerator<ChainCheck> {
  let after = '';
  for (;;) {
    const heads = await readers.audit.heads(after, batchSize);
    for (const head of heads) {
      // a deleted workspace's log goes with it, in batches
      if (await readers.workspaces.find(head.workspaceId)) yield await checkChain(readers.audit, head);
      after = head.workspaceId;
    }
    if (heads.length < batchSize) return;
  }
}

/** Follows the audit log of every workspace; prints its length and the hash of its last entry, to be noted elsewhere. */
export const verifyAudit: Command = async (args, terminal) => {
  readFlags(args, {});
  const config = readConfig(readEnv());
  await requireDatabase(config);
  const store = await openStore(config.store, { migrate: false });
  try {
    let broken = 0;
    for await (const check of checkAll(store)) {
      if (check.broken !== null) broken += 1;
      terminal.answer(lineOf(check));
    }
    return broken === 0 ? exitCodes.done : exitCodes.failed;
  } finally {
    await store.close();
  }
};
