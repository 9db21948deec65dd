/** A `curl` command of a page, as the request that it sends. */
export type CurlRequest = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  /** The fields of a form; a file is `@` and its name. */
  form: Record<string, string> | null;
};

/** The `curl` commands of a shell block, each in one piece however many lines it has. */
export const curlCommands = (shell: string): string[] => {
  const commands: string[] = [];
  let rest = shell;
  for (;;) {
    const start = /^curl\s/m.exec(rest);
    if (!start) return commands;
    rest = rest.slice(start.index);
    const length = commandLength(rest);
    commands.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
};

/** Up to the line end that is neither quoted nor behind a backslash. */
const commandLength = (text: string): number => {
  const end = /^(?:\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|[^\\'"\n])*/.exec(text);
  return end?.[0].length ?? text.length;
};

/** Reads the options that our pages use; throws for every other one, and for a variable without a value. */
export const readCurl = (command: string, variables: Readonly<Record<string, string>>): CurlRequest => {
  const words = splitShell(command, variables).slice(1);
  const request: CurlRequest = { method: '', url: '', headers: {}, body: null, form: null };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '-N' || word === '-s') continue;
    if (word === '-X') request.method = words[++at] ?? '';
    else if (word === '-d') request.body = words[++at] ?? '';
    else if (word === '-F') {
      const [name = '', value = ''] = (words[++at] ?? '').split(/=(.*)/s);
      request.form = { ...request.form, [name]: value };
    } else if (word === '-H') {
      const [name = '', value = ''] = (words[++at] ?? '').split(/: (.*)/s);
      request.headers[name.toLowerCase()] = value;
    } else if (word.startsWith('http') && request.url === '') request.url = word;
    else throw new Error(`a curl command has ${word}, which this reader does not know: ${command}`);
  }
  request.method ||= request.body === null && request.form === null ? 'GET' : 'POST';
  return request;
};

const part = /\\\n|(?<space>\s+)|'(?<single>[^']*)'|"(?<double>(?:\\[^]|[^"\\])*)"|(?<bare>[^\s'"\\]+)/gy;

/** Words as a POSIX shell would give them to the program: quotes joined to their neighbours, variables replaced. */
const splitShell = (command: string, variables: Readonly<Record<string, string>>): string[] => {
  const replaced = (text: string): string =>
    text.replaceAll(/\$(\w+)/g, (_, name: string) => {
      const value = variables[name];
      if (value === undefined) throw new Error(`nothing before this command gives $${name}: ${command}`);
      return value;
    });
  const words: string[] = [];
  let word: string | null = null;
  let read = 0;
  for (const { 0: whole, groups = {} } of command.matchAll(part)) {
    read += whole.length;
    const { space, single, double, bare } = groups;
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else if (single !== undefined) word = (word ?? '') + single;
    else if (double !== undefined) word = (word ?? '') + replaced(double.replaceAll(/\\(["\\$])/g, '$1'));
    else if (bare !== undefined) word = (word ?? '') + replaced(bare);
  }
  if (read !== command.length) throw new Error(`this is no shell command: ${command}`);
  return word === null ? words : [...words, word];
};
