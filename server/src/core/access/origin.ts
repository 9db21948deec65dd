const localHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Names of DNS, addresses, and IPv6 addresses in brackets. */
const plainHost = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/;

/** Longer than any host name with scheme and port (RFC 1035: 253 characters). */
const maxOriginCharacters = 300;

/**
 * True for an origin exactly as browsers send it (RFC 6454): scheme, host, and a port where it is not the scheme's own, in
 * lower case, without a path. `null`, `*` and lists are none.
 */
export const isOrigin = (text: string): boolean => {
  if (text.length > maxOriginCharacters || !/^https?:\/\//.test(text)) return false;
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
};

/** True for an origin that a publishable key may name: what travels readable is for a developer's own machine alone. */
export const isAllowableOrigin = (text: string): boolean => {
  if (!isOrigin(text)) return false;
  const { protocol, hostname } = new URL(text);
  // it becomes part of a content security policy, in which `*`, `;` and quotes have a meaning
  if (!plainHost.test(hostname)) return false;
  return protocol === 'https:' || localHosts.has(hostname);
};
