import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { micromark } from 'micromark';
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table';
import type { SitePage } from './web-site.ts';

const folder = resolve(import.meta.dirname, '../../docs');

/** Where a heading is found in its page, as Markdown is usually rendered: `How search works` is `#how-search-works`. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** The documentation of the project as a web site: `/docs/` lists its pages, each at `/docs/<name>`. */
export const docsSite = (): Record<string, SitePage> => {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length));
  const links = names.map((name) => `<li><a href="/docs/${name}">${name}</a></li>`).join('');
  return {
    '/docs/': page('Documentation', `<h1>Documentation</h1><p>All pages of the documentation.</p><ul>${links}</ul>`),
    ...Object.fromEntries(names.map((name) => [`/docs/${name}`, render(name)])),
  };
};

const render = (name: string): string => {
  const html = micromark(readFileSync(resolve(folder, `${name}.md`), 'utf8'), {
    extensions: [gfmTable()],
    htmlExtensions: [gfmTableHtml()],
  })
    .replaceAll(/<(h[1-6])>(.*?)<\/\1>/gs, (_, tag: string, text: string) => {
      const anchor = anchorOf(text.replaceAll(/<[^>]*>/g, ''));
      return `<${tag} id="${anchor}">${text}</${tag}>`;
    })
    .replaceAll(/href="([a-z-]+)\.md(#[^"]*)?"/g, 'href="/docs/$1$2"');
  const title = /<h1[^>]*>(.*?)<\/h1>/s.exec(html)?.[1] ?? name;
  return page(title, html);
};

/** As sites are built: with a navigation and a foot around what a page says. */
const page = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} | Parley</title></head><body>
  <header><nav><a href="/docs/">Documentation</a> <a href="/docs/quickstart">Quickstart</a></nav></header>
  <main>${content}</main><footer>Parley. All rights reserved.</footer></body></html>`;
