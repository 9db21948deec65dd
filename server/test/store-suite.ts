import { afterEach, beforeEach, describe } from 'vitest';
import { describeAdministration } from './store-suite/describe-administration.ts';
import { describeAudit } from './store-suite/describe-audit.ts';
import { describeBotDeletion } from './store-suite/describe-bot-deletion.ts';
import { describeBotVersions } from './store-suite/describe-bot-versions.ts';
import { describeClients } from './store-suite/describe-clients.ts';
import { describeConversations } from './store-suite/describe-conversations.ts';
import { describeCurrentConversation } from './store-suite/describe-current-conversation.ts';
import { describeDeletion } from './store-suite/describe-deletion.ts';
import { describeEvents } from './store-suite/describe-events.ts';
import { describeJobs } from './store-suite/describe-jobs.ts';
import { describeKeys } from './store-suite/describe-keys.ts';
import { describeKnowledge } from './store-suite/describe-knowledge.ts';
import { describeQuotaTree } from './store-suite/describe-quota-tree.ts';
import { describeMemory } from './store-suite/describe-memory.ts';
import { describePeople } from './store-suite/describe-people.ts';
import { describeRecall } from './store-suite/describe-recall.ts';
import { describeRotation } from './store-suite/describe-rotation.ts';
import { describeTurns } from './store-suite/describe-turns.ts';
import { describeUsage } from './store-suite/describe-usage.ts';
import { describeUsers } from './store-suite/describe-users.ts';
import { describeRetention } from './store-suite/describe-retention.ts';
import { describeVectors } from './store-suite/describe-vectors.ts';
import { describeVisitors } from './store-suite/describe-visitors.ts';
import { at, type CurrentStore, type OpenStoreUnderTest, type StoreUnderTest } from './store-suite/store-under-test.ts';

/** What every store must do, whatever its database. `openStore` gives an empty one for each test. */
export const describeStore = (name: string, openStore: OpenStoreUnderTest): void => {
  describe(`the ${name} store`, () => {
    const current = openForEach(() => openStore());

    describeAdministration(current);
    describeAudit(current);
    describePeople(current);
    describeRotation(current);
    describeKeys(current);
    describeTurns(current);
    describeConversations(current);
    describeCurrentConversation(current);
    describeDeletion(current);
    describeUsage(current);
    describeUsers(current);
    describeVisitors(current);
    describeRetention(current);
    describeQuotaTree(current);
    describeClients(current);
    describeBotDeletion(current);
    describeBotVersions(current);
    describeKnowledge(current);
    describeVectors(current);
    describeJobs(current);
    describeMemory(current);
    describeRecall(current);
  });

  describe(`the ${name} store, as time goes by`, () => {
    describeEvents(openForEach(() => openStore(at)));
  });
};

const openForEach = (openStore: () => Promise<StoreUnderTest>): CurrentStore => {
  let open: StoreUnderTest;
  beforeEach(async () => {
    open = await openStore();
  });
  afterEach(() => open.close());
  return () => open;
};
