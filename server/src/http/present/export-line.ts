import type { exportLineSchema } from '@parley/protocol/user-schemas';
import type { z } from 'zod';
import type { ExportLine } from '../../core/user/export-user.ts';
import { presentConversation } from './conversation.ts';
import { presentMessage } from './message.ts';
import { presentReceipt } from './receipt.ts';
import { presentTime } from './time.ts';
import { presentTurn } from './turn.ts';
import { presentLedgerEntry } from './usage.ts';
import { presentUserWithFacts } from './user.ts';

type WireLine = z.output<typeof exportLineSchema>;

export const presentExportLine = (line: ExportLine): WireLine => {
  switch (line.kind) {
    case 'user':
      return presentUserWithFacts(line);
    case 'link': {
      const { userId, otherId, createdAt } = line.link;
      return { object: 'user_link', user_id: userId, other_user_id: otherId, created_at: presentTime(createdAt) };
    }
    case 'conversation':
      return presentConversation(line.conversation);
    case 'memory': {
      const { conversationId, summary, summaryModel, updatedAt } = line.memory;
      return {
        object: 'conversation_memory',
        conversation_id: conversationId,
        summary,
        model: summaryModel,
        updated_at: presentTime(updatedAt),
      };
    }
    case 'message':
      return presentMessage(line.message);
    case 'turn':
      return presentStoredTurn(line.stored);
    case 'receipt':
      return presentReceipt(line.receipt);
    case 'charge':
      return presentLedgerEntry(line.entry);
  }
};

/** The reply stands among the messages. */
const presentStoredTurn = ({ turn, feedback }: Extract<ExportLine, { kind: 'turn' }>['stored']): WireLine => {
  const { reply: _reply, ...wire } = presentTurn({ turn, reply: null });
  return { ...wire, mode: turn.mode, channel: turn.channel, context: turn.context, feedback };
};
