/** Two users that are one person, in either order. */
export type UserLink = { userId: string; otherId: string; createdAt: number };

/** The users as groups that links hold together, each sorted, in the order of their first. */
export const groupByLinks = (userIds: readonly string[], links: readonly UserLink[]): string[][] => {
  const left = new Set(userIds.toSorted());
  const groups: string[][] = [];
  for (const userId of left) {
    const group = new Set([userId]);
    for (const member of group) {
      left.delete(member);
      for (const { userId: one, otherId: other } of links) {
        if (one === member && left.has(other)) group.add(other);
        if (other === member && left.has(one)) group.add(one);
      }
    }
    groups.push([...group].toSorted());
  }
  return groups;
};
