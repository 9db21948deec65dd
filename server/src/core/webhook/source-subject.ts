/** A source is found by its bot: events about it name both. */
export const sourceSubject = ({ botId, sourceId }: { botId: string; sourceId: string }): string =>
  `${botId}/${sourceId}`;

export const splitSourceSubject = (subjectId: string): { botId: string; sourceId: string } => {
  const [botId = '', sourceId = ''] = subjectId.split('/');
  return { botId, sourceId };
};
