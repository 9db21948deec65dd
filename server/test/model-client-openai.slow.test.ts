import { describe } from 'vitest';
import { openAiCompatibleRow as row } from './model-clients/client-row.ts';
import { describeAnswers } from './model-clients/describe-answers.ts';
import { describeFaults } from './model-clients/describe-faults.ts';
import { describeLimits } from './model-clients/describe-limits.ts';

describe.each([row])('the client $type', (client) => {
  describeAnswers(client);
  describeFaults(client);
  describeLimits(client);
});
