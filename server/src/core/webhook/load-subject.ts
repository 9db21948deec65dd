import type { Mode } from '../access/principal.ts';
import type { Readers } from '../store.ts';
import type { TurnReader } from '../turn/turn-store.ts';
import { describeThreshold } from '../usage/describe-threshold.ts';
import { splitSourceSubject } from './source-subject.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import type { WebhookSubject } from './webhook-event.ts';

export type SubjectReaders = Pick<Readers, 'conversations' | 'knowledge' | 'usage' | 'workspaces'> & {
  turns: Pick<TurnReader, 'find'>;
};

/** Most of what there is to tell belongs to one mode; knowledge and quotas are of live mode. */
type LoadedSubject = { subject: WebhookSubject; mode: Mode };

type About = Pick<WebhookDelivery, 'type' | 'workspaceId' | 'subjectId' | 'eventId' | 'eventAt'>;

/** What an event is about, as it is now; null where it was deleted since. */
export const loadSubject = async (readers: SubjectReaders, about: About): Promise<LoadedSubject | null> => {
  switch (about.type) {
    case 'turn.completed':
    case 'turn.failed':
      return loadTurn(readers, about);
    case 'conversation.created':
    case 'conversation.handoff':
      return loadConversation(readers, about);
    case 'message.created':
      return loadMessage(readers, about);
    case 'source.ready':
    case 'source.failed': {
      const { botId, sourceId } = splitSourceSubject(about.subjectId);
      const source = await readers.knowledge.find(about.workspaceId, botId, sourceId);
      return source && { subject: { kind: 'source', source }, mode: 'live' };
    }
    case 'usage.threshold': {
      const { workspaceId, subjectId: ownerId, eventId, eventAt: at } = about;
      const threshold = await describeThreshold(readers, { workspaceId, ownerId, eventId, at });
      return threshold && { subject: { kind: 'threshold', threshold }, mode: 'live' };
    }
    case 'webhook.test':
      return { subject: { kind: 'test', endpointId: about.subjectId }, mode: 'test' };
  }
};

const loadTurn = async (
  { turns }: SubjectReaders,
  { workspaceId, subjectId }: About,
): Promise<LoadedSubject | null> => {
  const turn = await turns.find(workspaceId, subjectId);
  return turn && { subject: { kind: 'turn', turn }, mode: turn.turn.mode };
};

const loadConversation = async (
  { conversations }: SubjectReaders,
  { workspaceId, subjectId }: About,
): Promise<LoadedSubject | null> => {
  const conversation = await conversations.find(workspaceId, subjectId);
  return conversation && { subject: { kind: 'conversation', conversation }, mode: conversation.mode };
};

const loadMessage = async (
  { conversations }: SubjectReaders,
  { workspaceId, subjectId }: About,
): Promise<LoadedSubject | null> => {
  const message = await conversations.findMessage(workspaceId, subjectId);
  const conversation = message && (await conversations.find(workspaceId, message.conversationId));
  return conversation && { subject: { kind: 'message', message }, mode: conversation.mode };
};
