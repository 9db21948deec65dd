import type { DomElement } from './dom.ts';

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Never text for a reader. */
const skipped = names(
  `script style noscript template svg math iframe object embed canvas audio video map head meta link title nav dialog
  button input select textarea datalist option progress meter`,
);

/** A new one of these, and its end, ends a paragraph. */
const blocks = names(
  `address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form
  h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu ol p pre section summary table tbody td tfoot th thead tr ul`,
);

/** What a page says with these is not its own subject. */
const besideContent = names('nav header footer aside');
const rolesBesideContent = names('navigation banner contentinfo complementary search dialog alertdialog');

const consentBox = /(?:cookie|consent|gdpr)[-_ ]?(?:banner|notice|bar|popup|modal|dialog|overlay)/i;

const hidingStyle = /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)/i;
const noSize = /(?:^|[;\s])font-size\s*:\s*0(?:\.0*)?(?:[a-z]+|%)?\s*(?:[;!]|$)/i;

/**
 * True for what nobody sees, by its own `style`; sheets of styles are not read. Something without a size is taken for
 * hidden where nothing in it may have another one: around columns it only takes the gaps away. What is transparent counts
 * as seen: many pages come with all their text so, and fade it in.
 */
export const isHiddenByStyle = (element: DomElement): boolean => {
  const style = element.getAttribute('style');
  if (style === null) return false;
  return hidingStyle.test(style) || (noSize.test(style) && !element.querySelector('[style*="font-size"],[class]'));
};

export const isSkipped = (element: DomElement): boolean =>
  skipped.has(element.localName) ||
  element.hasAttribute('hidden') ||
  element.getAttribute('aria-hidden') === 'true' ||
  isHiddenByStyle(element) ||
  element.getAttribute('role') === 'navigation';

export const isBlock = (element: DomElement): boolean => blocks.has(element.localName);

/** Around the content of a page, where the page does not say what its content is. */
export const isBesideContent = (element: DomElement): boolean =>
  besideContent.has(element.localName) ||
  rolesBesideContent.has(element.getAttribute('role') ?? '') ||
  consentBox.test(`${element.getAttribute('id') ?? ''} ${element.getAttribute('class') ?? ''}`);
