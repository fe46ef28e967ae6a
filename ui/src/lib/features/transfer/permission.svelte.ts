import { commands, events, Failure } from '$lib/api/client';
import type { ConfirmAction, UiError } from '$lib/api/client';

/**
 * Asks for the master password in its own window, and does one thing when it was typed.
 *
 * The backend keeps the permission; what is done here fails without it.
 */
export class Permission {
  waiting = $state(false);
  problem = $state.raw<UiError | null>(null);
  readonly #action: ConfirmAction;
  readonly #work: () => Promise<void>;
  #stop: (() => void) | null = null;
  #ended = false;

  constructor(action: ConfirmAction, work: () => Promise<void>) {
    this.#action = action;
    this.#work = work;
  }

  async ask(): Promise<void> {
    this.problem = null;
    this.waiting = true;
    try {
      this.#stop ??= await events.permitted(({ action }) => {
        if (action.kind === this.#action.kind && this.waiting) void this.#go();
      });
      if (this.#ended) return this.end();
      await commands.askPassword({ kind: 'confirm', action: this.#action });
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  end(): void {
    this.#ended = true;
    this.waiting = false;
    this.#stop?.();
    this.#stop = null;
  }

  async #go(): Promise<void> {
    this.waiting = false;
    try {
      await this.#work();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    this.waiting = false;
    this.problem = Failure.from(thrown).problem;
  }
}
