import { readFile } from 'node:fs/promises';

/** The page's files, read once: they are part of the program. */
const files = new Map<string, Promise<string>>();

/** The text of a file beside this one. */
export const loadPageFile = (name: 'chat.html' | 'chat.js' | 'connection.js' | 'chat.css'): Promise<string> => {
  let text = files.get(name);
  if (!text) {
    text = readFile(new URL(name, import.meta.url), 'utf8');
    files.set(name, text);
  }
  return text;
};

/**
 * The page runs its own script and style and talks to its own server, whatever a bot says or is called; it is shown
 * nowhere but within `origins`. Text becomes no markup: trusted types without any policy.
 */
export const pagePolicy = (origins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    `frame-ancestors ${origins.join(' ')}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fills the template's `{{name}}`, each as the text of an attribute or an element. */
export const fillTemplate = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) =>
    (values[name] ?? '').replaceAll(/[&<>"']/g, (character) => escapes[character] ?? ''),
  );
