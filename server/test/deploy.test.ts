import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { providerParts, variables } from '../src/config/variables.ts';
import { boot } from './boot.ts';
import { projectRoot } from './documentation.ts';

/** Holds what lies in deploy/ to the program, and to the schemas of Kubernetes; dclint holds the Compose file to its own. */

const read = (path: string): string => readFileSync(join(projectRoot, 'deploy', path), 'utf8');

const compose = parse(read('compose.yaml')) as {
  services: Record<
    string,
    {
      environment?: Record<string, string>;
      healthcheck?: { test: string[] };
      stop_grace_period?: string;
      deploy?: { replicas: number };
    }
  >;
};

const kinds = { Service, Deployment, PodDisruptionBudget, HorizontalPodAutoscaler };
type Kind = keyof typeof kinds;
const manifest = parseAllDocuments(read('kubernetes/parley.yaml')).map((document) => {
  const [error] = document.errors;
  if (error) throw error;
  return document.toJS() as { kind: Kind; apiVersion: string };
});
type Objects = { [Name in Kind]: InstanceType<(typeof kinds)[Name]> };
const find = <Name extends Kind>(kind: Name): Objects[Name] =>
  manifest.find((each) => each.kind === kind) as unknown as Objects[Name];
const pod = find('Deployment').spec?.template.spec;
const container = pod?.containers[0];

const drainSeconds = Number(variables.PARLEY_DRAIN_MS.initial) / 1_000;
const secondsOf = (text: string | undefined): number => Number(/^(\d+)s$/.exec(text ?? '')?.[1]);
const isVariable = (name: string): boolean =>
  name in variables || new RegExp(`^PARLEY_PROVIDER_[A-Z]+_(?:${providerParts.join('|')})$`).test(name);

it('every object of the manifest is what Kubernetes takes', () => {
  expect(manifest.map(({ kind }) => kind)).toEqual(Object.keys(kinds));
  for (const object of manifest) {
    const Model = kinds[object.kind];
    expect(object.apiVersion, object.kind).toBe(Model.apiVersion);
    expect(() => new Model(object as never).validate(), object.kind).not.toThrow();
  }
});

it('servers are given variables that Parley reads', () => {
  const inManifest = (container?.env ?? []).map(({ name }) => name);
  const inCompose = Object.keys(compose.services['parley']?.environment ?? {});
  expect(inCompose).toEqual(expect.arrayContaining(['DATABASE_URL', 'REDIS_URL', 'PARLEY_SECRET']));
  expect([...inCompose, ...inManifest].filter((name) => !isVariable(name))).toEqual([]);
});

it('pods are given no variables that Kubernetes makes of the name of the service', () => {
  expect(find('Service').metadata?.name).toBe('parley');
  expect(pod?.enableServiceLinks).toBe(false);
});

it('no secret has a default', () => {
  const text = read('compose.yaml');
  const secrets = [...text.matchAll(/\$\{(?<name>\w*(?:PASSWORD|SECRET))(?<rest>[^}]*)\}/g)];
  expect(secrets.length).toBeGreaterThan(3);
  expect(secrets.filter(({ groups }) => !groups?.['rest']?.startsWith(':?'))).toEqual([]);
  const example = [...read('env.example').matchAll(/^(?<name>\w+)=(?<value>.*)$/gm)];
  expect(example.map(({ groups }) => groups?.['value']).join('')).toBe('');
  const asked = [...text.matchAll(/\$\{(\w+):[?-]/g)].map(([, name]) => name);
  expect(new Set(example.map(({ groups }) => groups?.['name']))).toEqual(new Set(asked));
});

it('whoever ends a server leaves it the time that its drain takes', () => {
  const pause = container?.lifecycle?.preStop?.sleep?.seconds ?? NaN;
  // jobs and webhooks are given five seconds each behind the drain
  const stopSeconds = drainSeconds + 2 * 5;
  expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(pause + stopSeconds);
  expect(secondsOf(compose.services['parley']?.stop_grace_period)).toBeGreaterThan(stopSeconds);
  const said = /drains for (\d+), and has (\d+) in all/.exec(
    readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8'),
  );
  expect(said?.slice(1).map(Number)).toEqual([drainSeconds, pod?.terminationGracePeriodSeconds]);
  const caddyPause = secondsOf(/grace_period (\S+)/.exec(read('Caddyfile'))?.[1]);
  expect(caddyPause).toBeGreaterThan(drainSeconds);
  expect(secondsOf(compose.services['caddy']?.stop_grace_period)).toBeGreaterThan(caddyPause);
});

it('every service has a health check, and servers are asked where they answer', () => {
  for (const [name, service] of Object.entries(compose.services)) expect(service.healthcheck, name).toBeDefined();
  expect(compose.services['parley']?.healthcheck?.test.join(' ')).toContain(`:${variables.PARLEY_PORT.initial}/readyz`);
  expect(container?.ports?.find(({ name }) => name === 'http')?.containerPort).toBe(
    Number(variables.PARLEY_PORT.initial),
  );
  expect(container?.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
  expect(container?.startupProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
  expect(container?.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
});

it('three servers stand behind one address, and one at a time may be taken away', () => {
  expect(compose.services['parley']?.deploy?.replicas).toBe(3);
  const { spec: autoscaler } = find('HorizontalPodAutoscaler');
  expect(autoscaler?.minReplicas).toBe(3);
  expect(autoscaler?.scaleTargetRef).toMatchObject({ kind: 'Deployment', name: 'parley' });
  const labels = find('Deployment').spec?.template.metadata?.labels ?? {};
  expect(find('PodDisruptionBudget').spec).toMatchObject({
    maxUnavailable: 1,
    selector: { matchLabels: labels },
  });
  expect(find('Service').spec?.selector).toEqual(labels);
});

it('the autoscaler goes by a metric that servers have', async () => {
  const named = (find('HorizontalPodAutoscaler').spec?.metrics ?? []).flatMap(({ pods }) => pods?.metric.name ?? []);
  expect(named).toHaveLength(1);
  const token = 'metrics-token-of-a-test';
  const server = await boot({ env: { PARLEY_METRICS_TOKEN: token } });
  try {
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    expect(named.filter((name) => !text.includes(`# TYPE ${name} gauge`))).toEqual([]);
  } finally {
    await server.close();
  }
});

describe('the rules for alerts', () => {
  type Rule = { alert: string; expr: string; for?: string; labels: object; annotations: object };
  const rules = (parse(read('prometheus-rules.yaml')) as { groups: { name: string; rules: Rule[] }[] }).groups;
  const alerts = rules.flatMap((group) => group.rules);
  const operations = readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8');

  it('have the form that Prometheus takes, and names of their own', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    const known = new Set(['alert', 'expr', 'for', 'labels', 'annotations']);
    for (const rule of alerts) {
      const { alert, expr, labels, annotations } = rule;
      expect(Object.keys(rule).filter((field) => !known.has(field))).toEqual([]);
      expect(alert).toMatch(/^Parley[A-Za-z]+$/);
      expect(rule.for ?? '1m', alert).toMatch(/^\d+[smh]$/);
      expect(labels, alert).toEqual({ severity: expect.stringMatching(/^(?:page|ticket)$/) as string });
      expect(annotations, alert).toEqual({ summary: expect.stringMatching(/\S/) as string });
      for (const pair of ['()', '[]', '{}']) {
        expect(expr.split(pair[0] ?? '').length, `${alert} ${pair}`).toBe(expr.split(pair[1] ?? '').length);
      }
    }
  });

  it('are each said on the page with what to do, and no other is', () => {
    const said = [...operations.matchAll(/^\| `(?<alert>Parley\w+)`/gm)].map(({ groups }) => groups?.['alert'] ?? '');
    expect(said.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  it('go by metrics, and by labels of them, that are in the table of the page', () => {
    const table = new Map(
      [...operations.matchAll(/^\| `(parley_\w+)` +\| ([^|]*?) *\|/gm)].map(([, name = '', labels = '']) => [
        name,
        labels,
      ]),
    );
    for (const { alert, expr } of alerts) {
      const used = [...expr.matchAll(/(?<name>parley_[a-z_]+)(?:\{(?<matchers>[^}]*)\})?/g)];
      expect(used.length > 0 || expr.includes('{job="parley"}'), alert).toBe(true);
      for (const { groups } of used) {
        const labels = table.get((groups?.['name'] ?? '').replace(/_(?:bucket|sum|count)$/, ''));
        expect(labels, `${alert}: ${groups?.['name']}`).toBeDefined();
        const matched = [...(groups?.['matchers'] ?? '').matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(
          ([, label = '']) => label,
        );
        expect(
          matched.filter((label) => !labels?.split(', ').includes(label)),
          alert,
        ).toEqual([]);
      }
    }
  });
});
