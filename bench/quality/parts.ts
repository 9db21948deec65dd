import { embeddedModel } from './embedded-model.ts';
import { followUps } from './follow-ups.ts';
import { locomo } from './locomo.ts';
import { paragraphs } from './paragraphs.ts';
import type { QualityPart } from './part.ts';
import { replies } from './replies.ts';
import { smallBots } from './small-bots.ts';
import { speed } from './speed.ts';
import { unanswerable } from './unanswerable.ts';

/** All there are, in the order of the page. */
export const parts: readonly QualityPart[] = [
  paragraphs,
  replies,
  unanswerable,
  smallBots,
  followUps,
  locomo,
  embeddedModel,
  speed,
];
