import type { ModelCandidate, ModelObserver } from '../core/turn/call-model.ts';
import { modelName } from '../core/turn/call-model.ts';
import type { ChatModelErrorKind } from '../core/turn/chat-model.ts';
import type { NoteUsage } from '../core/turn/count-usage.ts';
import type { Breakers } from '../core/turn/breaker.ts';
import { type Count, type Metrics, type Observe } from '../http/metrics.ts';

/** Providers of the operator's that have series of their own; the others share one. */
const maxNamed = 30;
const others = 'other';
/** Providers of workspaces, whose names are those of tenants. */
const ofWorkspaces = 'workspace';

type Outcome = 'ok' | 'skipped' | ChatModelErrorKind;
const outcomes: readonly Outcome[] = Object.keys({
  ok: true,
  skipped: true,
  aborted: true,
  rejected: true,
  context_too_long: true,
  overloaded: true,
  unavailable: true,
  timeout: true,
  malformed: true,
} satisfies Record<Outcome, true>) as Outcome[];

const bucketsSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];

type ProviderSeries = {
  outcomes: Record<Outcome, Count>;
  firstToken: Observe;
  duration: Observe;
  inputTokens: Count;
  outputTokens: Count;
  retries: Count;
  fallbacks: Count;
};

/** `operator`: names in the configuration, in its order. What counts is given series that were made before. */
export const measureModels = (
  metrics: Metrics,
  { operator, breakers }: { operator: readonly string[]; breakers: Pick<Breakers, 'open'> },
): ModelObserver & { noteUsage: NoteUsage } => {
  const seriesOf = makeSeries(metrics);
  const named = new Map(operator.slice(0, maxNamed).map((name) => [name, seriesOf(name)]));
  // made when they are needed: most installations have neither
  let theirs: ProviderSeries | undefined;
  let rest: ProviderSeries | undefined;
  const of = ({ provider, workspaceId }: ModelCandidate): ProviderSeries => {
    if (workspaceId !== undefined) return (theirs ??= seriesOf(ofWorkspaces));
    return named.get(provider) ?? (rest ??= seriesOf(others));
  };
  metrics.addGauges(
    ['model_breakers_open', 'Models that are not asked for now since they kept failing.'],
    'provider',
    () => countOpen(breakers.open, operator),
  );
  return {
    tried(candidate, { status, error, firstTokenMs, totalMs }) {
      const series = of(candidate);
      series.outcomes[status === 'failed' ? (error ?? 'malformed') : status]();
      if (status === 'skipped') return;
      series.duration(totalMs / 1_000);
      if (firstTokenMs !== null) series.firstToken(firstTokenMs / 1_000);
    },
    retried: (candidate) => of(candidate).retries(),
    gaveUp: (candidate) => of(candidate).fallbacks(),
    noteUsage(candidates, attempts) {
      for (const { model, usage } of attempts) {
        const candidate = usage && candidates.find((known) => modelName(known) === model);
        if (!candidate) continue;
        const series = of(candidate);
        series.inputTokens(usage.inputTokens);
        series.outputTokens(usage.outputTokens);
      }
    },
  };
};

const makeSeries = (metrics: Metrics): ((provider: string) => ProviderSeries) => {
  const calls = metrics.addCounter(
    ['model_calls_total', 'Calls of models, each try apart, by how they ended.'],
    ['provider', 'outcome'],
  );
  const labels = ['provider'] as const;
  const timed = { labels, buckets: bucketsSeconds };
  const firstToken = metrics.addHistogram(
    [
      'model_first_token_seconds',
      'From the call of a model to the first piece of its text; with the whole answer where it is not streamed.',
    ],
    timed,
  );
  const duration = metrics.addHistogram(['model_call_duration_seconds', 'From the call of a model to its end.'], timed);
  const tokens = metrics.addCounter(
    ['model_tokens_total', 'Tokens that models read and wrote: as the provider says, or counted where it does not.'],
    ['provider', 'direction'],
  );
  const retries = metrics.addCounter(
    ['model_retries_total', 'Calls that were made since the same model had failed just before.'],
    labels,
  );
  const fallbacks = metrics.addCounter(
    ['model_fallbacks_total', 'Models that were given up for the next of their chain.'],
    labels,
  );
  return (provider) => ({
    outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, calls({ provider, outcome })])) as Record<
      Outcome,
      Count
    >,
    firstToken: firstToken({ provider }),
    duration: duration({ provider }),
    inputTokens: tokens({ provider, direction: 'input' }),
    outputTokens: tokens({ provider, direction: 'output' }),
    retries: retries({ provider }),
    fallbacks: fallbacks({ provider }),
  });
};

/** By the provider; a breaker of a workspace's model is named by the workspace first. */
const countOpen = (open: readonly string[], operator: readonly string[]): Map<string, number> => {
  const known = new Set(operator.slice(0, maxNamed));
  const counts = new Map<string, number>([...known].map((name) => [name, 0]));
  for (const name of open) {
    const [first = ''] = name.split('/', 1);
    const label = known.has(first) ? first : operator.includes(first) ? others : ofWorkspaces;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
};
