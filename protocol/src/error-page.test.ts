import { expect, test } from 'vitest';
import { errorPage } from './error-page.ts';

test('docs/errors.md says what the catalogue says (`vitest -u` writes it)', async () => {
  await expect(errorPage()).toMatchFileSnapshot('../../docs/errors.md');
});
