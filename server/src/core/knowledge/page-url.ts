/** As long as the guard for outgoing calls takes. */
const maxUrlCharacters = 2_048;

/** Parameters that say where a visitor came from and change nothing of the page. */
const trackingParameter =
  /^(?:utm_\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|igshid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|hsctatracking|mkt_tok|oly_anon_id|oly_enc_id|vero_id|ref_src)$/i;

/** Parameters of sessions: each visit would make a new page of them. */
const sessionParameter = /^(?:phpsessid|jsessionid|aspsessionid\w*|sessionid|sid)$/i;

/**
 * One spelling for the addresses of one page: without fragment, tracking and session parameters. Null for what is no
 * address of a web page: other protocols, credentials, too long a text.
 */
export const normaliseUrl = (text: string, base?: string): string | null => {
  if (text.length > maxUrlCharacters || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '')
    return null;
  url.hash = '';
  url.pathname = url.pathname.replace(/;jsessionid=[^/;?]*/gi, '');
  const dropped = [...new Set(url.searchParams.keys())].filter(
    (name) => trackingParameter.test(name) || sessionParameter.test(name),
  );
  for (const name of dropped) url.searchParams.delete(name);
  // an empty query leads to the same page
  if (url.search === '') url.search = '';
  return url.href.length > maxUrlCharacters ? null : url.href;
};

const siteOf = ({ hostname, port }: URL): string => `${hostname.replace(/^www\./, '')}:${port}`;

/** True where both belong to one site: one host, with or without `www.`, over http or https, and one port. */
export const isSameSite = (one: string, other: string): boolean => siteOf(new URL(one)) === siteOf(new URL(other));

/** What is linked to and is no text. */
const otherFile =
  /\.(?:png|jpe?g|gif|webp|avif|svg|ico|bmp|tiff?|heic|mp[34]|m4[av]|webm|mov|avi|mkv|wav|ogg|flac|css|m?js|json|xml|rss|atom|map|woff2?|ttf|otf|eot|zip|gz|tgz|bz2|xz|7z|rar|tar|exe|msi|dmg|pkg|deb|rpm|apk|iso|bin|jar|wasm|psd|ai|eps|ics|vcf)$/i;

/** True where the ending of the path promises something that holds no text to be read. */
export const isOtherFile = (url: string): boolean => otherFile.test(new URL(url).pathname);
