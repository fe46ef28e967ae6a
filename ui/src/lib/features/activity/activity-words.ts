import type { ActivityView, OutcomeView } from '$lib/api/client';

/** What came of a request, in a word. */
export const OUTCOMES: Readonly<
  Record<OutcomeView, { label: string; tone: 'neutral' | 'success' | 'warning' | 'danger' }>
> = {
  cached: { label: 'From cache', tone: 'neutral' },
  fetched: { label: 'Fetched', tone: 'success' },
  given: { label: 'Given', tone: 'success' },
  denied: { label: 'Denied', tone: 'warning' },
  failed: { label: 'Failed', tone: 'danger' },
};

/** The program with the script that it runs: `python3 · deploy.py`. */
export function who(entry: ActivityView): string {
  const script = entry.script?.split('/').at(-1);
  return script && script !== entry.program ? `${entry.program} · ${script}` : entry.program;
}
