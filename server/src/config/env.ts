import { closestName } from './closest-name.ts';
import { isServiceLink, serviceLinksWarning } from './service-links.ts';
import { type ProviderPart, providerParts, type VariableName, variables } from './variables.ts';

/** The parts of one provider as they were given. */
export type ProviderEnv = Partial<Record<ProviderPart, string>>;

/** What the environment says, as text. An empty variable counts as one that is not set. */
export type Env = {
  values: Partial<Record<VariableName, string>>;
  /** By the provider's name as it stands in the variable: `PARLEY_PROVIDER_LOCAL_URL` → `LOCAL`. */
  providers: ReadonlyMap<string, ProviderEnv>;
  /** One line for each variable that Parley does not know. */
  problems: string[];
  warnings: string[];
};

const providerPattern = /^PARLEY_PROVIDER_(?<name>[A-Z][A-Z0-9_]*?)_(?<part>[A-Z]+)$/;
const maxProviders = 50;

const isVariableName = (name: string): name is VariableName => Object.hasOwn(variables, name);
const isProviderPart = (part: string | undefined): part is ProviderPart =>
  providerParts.some((known) => known === part);

const unknownVariable = (name: string): string => {
  if (name.startsWith('PARLEY_PROVIDER_')) {
    return `${name} is not known: a provider has ${providerParts.map((part) => `PARLEY_PROVIDER_<NAME>_${part}`).join(', ')}`;
  }
  const closest = closestName(name, Object.keys(variables));
  return `${name} is not known${closest === null ? ': see docs/configuration.md' : `; did you mean ${closest}?`}`;
};

/** Reads the environment, and nothing else does. Other programs' variables are left alone; a wrong `PARLEY_*` is a problem. */
export const readEnv = (environment: NodeJS.ProcessEnv = process.env): Env => {
  const values: Env['values'] = {};
  const providers = new Map<string, ProviderEnv>();
  const problems: string[] = [];
  const serviceLinks: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (isServiceLink(name, value)) {
      serviceLinks.push(name);
      continue;
    }
    if (isVariableName(name)) {
      if (value) values[name] = value;
      continue;
    }
    if (!name.startsWith('PARLEY_')) continue;
    const { name: provider, part } = providerPattern.exec(name)?.groups ?? {};
    if (provider === undefined || !isProviderPart(part)) problems.push(unknownVariable(name));
    else if (value) providers.set(provider, { ...providers.get(provider), [part]: value });
  }
  if (providers.size > maxProviders) problems.push(`PARLEY_PROVIDER_…: at most ${maxProviders} providers can be set`);
  const warnings = serviceLinks.length > 0 ? [serviceLinksWarning(serviceLinks.toSorted())] : [];
  return { values, providers, problems, warnings };
};
