/** What a sitemap may be (https://www.sitemaps.org/protocol.html), unpacked; ours is less than the 50 MB it allows. */
export const maxSitemapBytes = 20_000_000;
const maxLocations = 50_000;
/** A longer address is none. */
const maxLocationCharacters = 4_096;

export type SitemapText = {
  /** True where the locations are sitemaps themselves. */
  isIndex: boolean;
  /** As they are written, in their order. */
  locations: string[];
};

/**
 * The locations of a sitemap: XML, or a plain list with a URL a line. Everything in it but `<loc>` is passed over, and no
 * entity is resolved but the five of XML and those of characters, so that a hostile one has nothing to work with.
 */
export const readSitemapText = (text: string): SitemapText => {
  if (!text.slice(0, 1_000).includes('<')) return { isIndex: false, locations: readLines(text) };
  const locations: string[] = [];
  const isIndex = /<(?:\w{1,20}:)?sitemapindex[\s>]/.test(text.slice(0, 10_000));
  let at = 0;
  for (let entries = 0; entries < maxLocations; entries++) {
    const open = nextOpening(text, at);
    if (open < 0) break;
    const end = text.indexOf('<', open);
    // `<![CDATA[…]]>` begins with the same sign
    const isData = end === open && text.startsWith('<![CDATA[', open);
    const close = isData ? text.indexOf(']]>', open) : end;
    if (close < 0) break;
    const raw = isData ? text.slice(open + 9, close) : text.slice(open, close);
    at = close;
    const location = raw.length > maxLocationCharacters ? '' : (isData ? raw : decodeEntities(raw)).trim();
    if (location !== '') locations.push(location);
  }
  return { isIndex, locations };
};

/** Why a text without locations is no sitemap, for the owner of the source; null where it is one that lists nothing. */
export const problemOfSitemap = (text: string): string | null => {
  const head = text.slice(0, 10_000);
  if (/<(?:!doctype\s{1,32}html|html|head|body)[\s>]/i.test(head)) {
    return 'It is an HTML page and no sitemap. Give the address of the sitemap, or add the page as a `url` or a `site`.';
  }
  if (!head.includes('<') || /<(?:\w{1,20}:)?(?:urlset|sitemapindex)[\s/>]/.test(head)) return null;
  return 'It is no sitemap: there is neither a `urlset` nor a `sitemapindex` in it.';
};

/** Behind `<loc`; not more white space than anybody writes, so that a hostile text is read once. */
const restOfTag = /\s{0,32}>\s*/y;

/** Where the text of the next `<loc>` begins; -1 where there is none. White space before `<![CDATA[` is passed over. */
const nextOpening = (text: string, from: number): number => {
  for (let at = text.indexOf('<loc', from); at >= 0; at = text.indexOf('<loc', at + 1)) {
    restOfTag.lastIndex = at + 4;
    if (restOfTag.test(text)) return restOfTag.lastIndex;
  }
  return -1;
};

const readLines = (text: string): string[] =>
  text
    .split(/\r?\n/, maxLocations)
    .map((line) => line.trim())
    .filter((line) => line !== '' && line.length <= maxLocationCharacters);

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decodeEntities = (text: string): string =>
  text.replace(/&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);/gi, (entity) => {
    const name = entity.slice(1, -1).toLowerCase();
    if (!name.startsWith('#')) return named[name] ?? entity;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
