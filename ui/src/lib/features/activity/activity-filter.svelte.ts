import type { ActivityView, OutcomeView } from '$lib/api/client';

/** Chooses entries of the log by text, program, profile and outcome. */
export class ActivityFilter {
  text = $state('');
  program = $state('');
  of = $state('');
  outcome = $state<OutcomeView | ''>('');
  readonly #entries: () => readonly ActivityView[];

  constructor(entries: () => readonly ActivityView[]) {
    this.#entries = entries;
  }

  /** The programs that occur, by name. */
  readonly programs = $derived.by(() => distinct(this.#entries().map((one) => one.program)));
  /** The profiles and devices that occur, by name. */
  readonly subjects = $derived.by(() => distinct(this.#entries().map((one) => one.of)));

  readonly shown = $derived.by(() => {
    const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
    return this.#entries().filter(
      (one) =>
        (this.program === '' || one.program === this.program) &&
        (this.of === '' || one.of === this.of) &&
        (this.outcome === '' || one.outcome === this.outcome) &&
        words.every((word) => textOf(one).includes(word)),
    );
  });

  get active(): boolean {
    return Boolean(this.text.trim() || this.program || this.of || this.outcome);
  }

  clear(): void {
    this.text = '';
    this.program = '';
    this.of = '';
    this.outcome = '';
  }
}

function distinct(all: readonly string[]): string[] {
  return [...new Set(all)].filter(Boolean).sort((a, b) => a.localeCompare(b));
}

function textOf(entry: ActivityView): string {
  const { program, path, script, verb, of, account, failure } = entry;
  return [program, path, script, verb, of, account, failure].filter(Boolean).join('\n').toLowerCase();
}
