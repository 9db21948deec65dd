/** What `doctor` found. A problem says what to mend; a warning is worth knowing; a fact is as it should be. */
export type Finding = { kind: 'fact' | 'warning' | 'problem'; text: string };

export const fact = (text: string): Finding => ({ kind: 'fact', text });
export const warning = (text: string): Finding => ({ kind: 'warning', text });
export const problem = (text: string): Finding => ({ kind: 'problem', text });
