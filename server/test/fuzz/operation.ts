import type { JsonSchema } from './schema-arbitrary.ts';

export type Parameter = { in: 'path' | 'query' | 'header'; name: string; required?: boolean; schema: JsonSchema };

type Content = Readonly<Record<string, { schema: JsonSchema }>>;

/** One operation of the API description. */
export type Operation = {
  operationId: string;
  method: string;
  path: string;
  parameters?: readonly Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Readonly<Record<string, { content?: Content }>>;
  security?: readonly Readonly<Record<string, readonly string[]>>[];
};

export type Description = {
  paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  components: { schemas: Readonly<Record<string, JsonSchema>> };
};

export const readDescription = async (url: string): Promise<Description> =>
  (await (await fetch(`${url}/openapi.json`)).json()) as Description;

/** Every operation under `/v1` and `/auth`; what serves the operator (health, metrics, this description) is left out. */
export const operationsOf = ({ paths }: Description): Operation[] =>
  Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/') || path.startsWith('/auth/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    );
