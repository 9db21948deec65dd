/** True for an error of the operating system, and where a code is given, for that one: `ENOENT`, `EACCES`, … */
export const isFileError = (error: unknown, code?: string): error is Error & { code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  'syscall' in error &&
  (code === undefined || error.code === code);
