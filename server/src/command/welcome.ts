import type { FirstRun } from '../core/demo/set-up-installation.ts';

/** Shown as soon as the key exists, so that it is not lost where the start fails behind it. */
export const firstKeyLines = ({ secret }: FirstRun): string[] => [
  'This is a new installation. Its first API key, shown this once:',
  '',
  `  ${secret}`,
  '',
];

/** What a human reads when the server stands. */
export const welcomeLines = (url: string, firstRun: FirstRun | null): string[] => {
  const standing = `Parley listens on ${url} and describes itself at ${url}/docs`;
  if (firstRun === null) return [standing];
  return [
    standing,
    '',
    'There is a demo bot that knows Parley. Paste this to ask it:',
    '',
    `  curl -N ${url}/v1/chat -H "Authorization: Bearer ${firstRun.secret}" -H "Content-Type: application/json" \\`,
    `    -d '{"bot_id":"${firstRun.botId}","user_id":"me","message":"How do I stream a reply?","stream":true}'`,
    '',
  ];
};
