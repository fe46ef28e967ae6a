import { Failure } from '$lib/api/client';
import type { UiError } from '$lib/api/client';

/**
 * One thing that is tried: whether it runs, what went wrong last, and how long to wait before it may be tried again.
 */
export class Attempt {
  running = $state(false);
  problem = $state.raw<UiError | null>(null);
  /** Seconds until another password is tried, after several wrong ones. */
  waitSecs = $state(0);
  /** Whether a wait began since it was last tried. */
  waited = $state(false);
  #until = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Whether it can't be tried now. */
  get blocked(): boolean {
    return this.running || this.waitSecs > 0;
  }

  /** Runs it unless it runs already or has to wait; whether it went well. */
  async run(task: () => Promise<unknown>): Promise<boolean> {
    if (this.blocked) return false;
    this.running = true;
    this.problem = null;
    this.waited = false;
    try {
      await task();
      return true;
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      if ('wait_secs' in this.problem) this.wait(this.problem.wait_secs);
      return false;
    } finally {
      this.running = false;
    }
  }

  /** Counts down the seconds of a wait, by the clock: timers of a hidden window are slow. */
  wait(secs: number): void {
    this.stop();
    if (secs <= 0) return;
    this.#until = Date.now() + secs * 1000;
    this.waitSecs = secs;
    this.waited = true;
    this.#timer = setInterval(() => {
      this.waitSecs = Math.max(0, Math.ceil((this.#until - Date.now()) / 1000));
      if (this.waitSecs === 0) this.stop();
    }, 1000);
  }

  /** Ends the countdown. */
  stop(): void {
    clearInterval(this.#timer);
    this.waitSecs = 0;
  }
}
