import { Failure } from '$lib/api/client';
import type { UiError } from '$lib/api/client';
import { fieldMessage } from '$lib/api/errors';

/** What is typed into a dialog, and what came of sending it. A failure leaves everything as it was typed. */
export class Form<Draft extends object> {
  draft: Draft = $state() as Draft;
  busy = $state(false);
  problem = $state.raw<UiError | null>(null);
  readonly #initial: string;

  constructor(draft: Draft) {
    this.draft = draft;
    this.#initial = JSON.stringify(draft);
  }

  get dirty(): boolean {
    return JSON.stringify(this.draft) !== this.#initial;
  }

  /** What is wrong with a field, where the backend named it. */
  message(...fields: string[]): string | undefined {
    return fieldMessage(this.problem, ...fields);
  }

  /** The failure, unless the fields in `shown` already say all of it. */
  rest(...shown: string[]): UiError | null {
    if (this.problem?.code !== 'invalid') return this.problem;
    const problems = this.problem.problems.filter((one) => !shown.includes(one.field));
    return problems.length > 0 ? { code: 'invalid', problems } : null;
  }

  /** Sends the draft; answers whether it was taken. */
  async send(work: (draft: Draft) => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work($state.snapshot(this.draft) as Draft);
      return true;
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
