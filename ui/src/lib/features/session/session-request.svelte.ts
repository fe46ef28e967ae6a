import { Failure } from '$lib/api/client';
import type { SessionAnswer, SessionView, UiError } from '$lib/api/client';

/** How a wish for a session stands. */
export type RequestState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking' }
  /** The next code is needed; by the local clock it begins at `until`. */
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly problem: UiError };

/** An answer that a code is missing, which is there after so many seconds. */
export type Wait = Extract<SessionAnswer, { kind: 'wait' }>;

const MOST_WAITS = 3;
/** A little after the step begins, so that it has begun at AWS as well. */
const GRACE_MS = 300;

/** Asks for a session, waits for the next code where the backend says so, and asks again. */
export class SessionRequest {
  state = $state.raw<RequestState>({ kind: 'idle' });
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;

  get busy(): boolean {
    return this.state.kind === 'asking' || this.state.kind === 'waiting';
  }

  /** Runs a wish; answers with the session, or nothing when it failed or was cancelled. */
  async run(ask: () => Promise<SessionAnswer>): Promise<SessionView | null> {
    return (await this.until(ask))?.session ?? null;
  }

  /** Asks until the answer is no wait; nothing when it failed or was cancelled. */
  async until<Answer extends { readonly kind: string }>(
    ask: () => Promise<Answer>,
  ): Promise<Exclude<Answer, Wait> | null> {
    this.cancel();
    const asked = this.#asked;
    try {
      for (let waits = 0; ; waits += 1) {
        this.state = { kind: 'asking' };
        const answer: Answer | Wait = await ask();
        if (asked !== this.#asked) return null;
        if (!isWait(answer)) {
          this.state = { kind: 'ready' };
          return answer as Exclude<Answer, Wait>;
        }
        if (waits >= MOST_WAITS) throw new Failure({ code: 'internal' });
        const until = Date.now() + answer.secs * 1000;
        this.state = { kind: 'waiting', until };
        await this.#sleep(until - Date.now() + GRACE_MS);
        if (asked !== this.#asked) return null;
      }
    } catch (thrown) {
      if (asked === this.#asked) this.state = { kind: 'failed', problem: Failure.from(thrown).problem };
      return null;
    }
  }

  /** Stops waiting, and forgets what came of the last wish. */
  cancel(): void {
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#wake?.();
    this.#wake = undefined;
    this.state = { kind: 'idle' };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }
}

function isWait(answer: { readonly kind: string }): answer is Wait {
  return answer.kind === 'wait';
}
