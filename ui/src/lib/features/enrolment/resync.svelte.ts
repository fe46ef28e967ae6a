import { commands, Failure } from '$lib/api/client';
import type { UiError } from '$lib/api/client';
import { Pause } from '$lib/features/clock/pause';

/** How it stands with telling AWS how far a device's clock is off. */
export type ResyncState =
  | { readonly kind: 'asking' }
  /** Two unused codes are there at `until`, by the local clock. */
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly problem: UiError };

/** A little after the step begins, so that it has begun at AWS as well. */
const GRACE_MS = 300;
const MOST_TURNS = 6;

/** Sends AWS two codes of a device and, where it refuses them, once more the next two. */
export class Resync {
  state = $state.raw<ResyncState>({ kind: 'asking' });
  /** How many pairs of codes AWS has refused. */
  refused = $state(0);
  readonly #ask: () => Promise<number | null>;
  readonly #pause = new Pause();
  #ended = false;

  constructor(identity: string, key: string, device: string) {
    this.#ask = () => commands.resyncDevice(identity, key, device);
  }

  get busy(): boolean {
    return this.state.kind === 'asking' || this.state.kind === 'waiting';
  }

  /** Runs to the end; again after a failure. */
  async run(): Promise<void> {
    this.refused = 0;
    for (let turns = 0; turns < MOST_TURNS && !this.#ended; turns += 1) {
      this.state = { kind: 'asking' };
      try {
        const secs = await this.#ask();
        if (secs === null) {
          this.state = { kind: 'done' };
          return;
        }
        await this.#wait(secs);
      } catch (thrown) {
        const { problem } = Failure.from(thrown);
        if (isRefusal(problem)) this.refused += 1;
        if (!isRefusal(problem) || this.refused > 1) {
          this.state = { kind: 'failed', problem };
          return;
        }
        // The codes were read off the screen before, or the clock is off by a step: the next two may be taken.
      }
    }
    if (!this.#ended) this.state = { kind: 'failed', problem: { code: 'internal' } };
  }

  /** Stops waiting; what AWS was asked already runs to its end in the backend. */
  end(): void {
    this.#ended = true;
    this.#pause.cut();
  }

  async #wait(secs: number): Promise<void> {
    this.state = { kind: 'waiting', until: Date.now() + secs * 1000 };
    await this.#pause.sleep(secs * 1000 + GRACE_MS);
  }
}

function isRefusal(problem: UiError): boolean {
  return problem.code === 'aws' && problem.kind === 'wrong-or-reused-code';
}
