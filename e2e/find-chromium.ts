import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];
const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** The browser of this machine; null where it has none. */
export const findChromium = (): string | null =>
  folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null;
