import { commands, Failure } from '$lib/api/client';
import type { SignInView, UiError } from '$lib/api/client';

/** The console sign-in under way, step by step. Values go from the backend to the clipboard, never to the page. */
export class SignIn {
  sheet = $state.raw<SignInView | null>(null);
  problem = $state.raw<UiError | null>(null);
  busy = $state(false);
  /** Grows with each step that was taken, here or elsewhere. */
  moves = $state(0);

  /** Shows how the sign-in stands; nothing when it is over. */
  show(sheet: SignInView | null): void {
    this.sheet = sheet;
    this.problem = null;
    this.moves += 1;
  }

  /** Takes a step; one at a time. */
  async take(step: number): Promise<void> {
    if (this.busy || !this.sheet?.steps[step]) return;
    await this.#run(async () => this.show(await commands.takeSignInStep(step)));
  }

  /** Takes the step that comes next; after the last one, ends. */
  async next(): Promise<void> {
    if (!this.sheet) return;
    if (this.sheet.next < this.sheet.steps.length) await this.take(this.sheet.next);
    else await this.end();
  }

  /** Gives the sign-in up. */
  async end(): Promise<void> {
    await this.#run(async () => {
      await commands.endSignIn();
      this.show(null);
    });
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    } finally {
      this.busy = false;
    }
  }
}
