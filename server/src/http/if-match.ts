import { ParleyError } from '../core/error.ts';

/** What operations that read it say of it. */
export const ifMatchHeader = {
  'If-Match': 'The version that the change is meant for, like `"3"`; refused where another is current.',
};

/** `"3"`, or 3 as people write it; `*` means any version (RFC 9110, 13.1.1). */
export const readIfMatch = (header: string | undefined): number | null => {
  if (header === undefined || header === '*') return null;
  const version = /^(?:"(\d{1,15})"|(\d{1,15}))$/.exec(header);
  if (version) return Number(version[1] ?? version[2]);
  throw new ParleyError('invalid_request', '`If-Match` must be a version in quotes, like `"3"`.', {
    param: 'If-Match',
  });
};
