import { commands, Failure } from '$lib/api/client';
import type { EnrolmentCodeView, UiError } from '$lib/api/client';

type Given = Extract<EnrolmentCodeView, { kind: 'copied' }>;

/** Where the assignment stands: what the one button does next. */
export type Stage = 'first' | 'wait' | 'second' | 'late' | 'done';

/**
 * The two consecutive codes that AWS asks for, copied one after the other with one button.
 *
 * The backend copies them and counts both as used; it decides which step each is of. Here is only what is shown and
 * when the second one's time has come.
 */
export class TwoCodes {
  first = $state.raw<Given | null>(null);
  second = $state.raw<Given | null>(null);
  problem = $state.raw<UiError | null>(null);
  busy = $state(false);
  #begins = $state(0);
  #late = $state(false);
  readonly #identity: string;
  readonly #device: string;
  readonly #oncopied: () => void;

  constructor(identity: string, device: string, oncopied: () => void = () => {}) {
    this.#identity = identity;
    this.#device = device;
    this.#oncopied = oncopied;
  }

  stage(now: number): Stage {
    if (this.second) return 'done';
    if (this.#late) return 'late';
    if (!this.first) return 'first';
    if (now < this.#begins) return 'wait';
    return now < this.#begins + this.first.period_secs * 1000 ? 'second' : 'late';
  }

  /** Whole seconds until the second code begins. */
  wait(now: number): number {
    return Math.max(0, Math.ceil((this.#begins - now) / 1000));
  }

  /** Copies the next of the two, or begins anew where both have ended; answers whether one was copied. */
  async advance(now: number = Date.now()): Promise<boolean> {
    const stage = this.stage(now);
    if (this.busy || stage === 'done' || stage === 'wait') return false;
    const turn = stage === 'second' ? 'second' : 'first';
    this.busy = true;
    this.problem = null;
    try {
      const answer = await commands.copyEnrolmentCode(this.#identity, this.#device, turn);
      switch (answer.kind) {
        case 'copied':
          if (turn === 'first') this.#take(answer);
          else this.second = answer;
          this.#oncopied();
          return true;
        case 'not-yet':
          this.#begins = Date.now() + answer.in_ms;
          return false;
        case 'too-late':
          this.#late = true;
          return false;
      }
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      return false;
    } finally {
      this.busy = false;
    }
  }

  #take(first: Given): void {
    this.first = first;
    this.#late = false;
    this.#begins = Date.now() + first.ends_in_ms;
  }
}
