import { commands, Failure } from '$lib/api/client';
import type { SecretRef, UiError } from '$lib/api/client';
import { reader } from '$lib/api/sealing';

const SHOWN_FOR_MS = 30_000;

/**
 * Shows one secret for a while.
 *
 * The text goes from the sealed answer straight into one element of the page and nowhere else. It is taken out again
 * when hidden, after 30 s, when the window loses the focus or goes out of sight, and when the element leaves the page.
 */
export class Reveal {
  shown = $state(false);
  busy = $state(false);
  problem = $state.raw<UiError | null>(null);

  #place: HTMLElement | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** The element that the secret appears in. */
  readonly place = (element: HTMLElement): (() => void) => {
    this.#place = element;
    const hide = (): void => this.hide();
    window.addEventListener('blur', hide);
    document.addEventListener('visibilitychange', hide);
    return () => {
      this.hide();
      this.#place = null;
      window.removeEventListener('blur', hide);
      document.removeEventListener('visibilitychange', hide);
    };
  };

  async show(secret: SecretRef): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.busy = true;
    this.problem = null;
    try {
      const own = await reader();
      const text = await own.open(await commands.reveal(secret, own.key));
      // Hidden, or asked for anew, while the answer was under way.
      if (asked !== this.#asked || !this.#place) return;
      this.#place.textContent = text;
      this.shown = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.hide(), SHOWN_FOR_MS);
    } catch (thrown) {
      if (asked === this.#asked) this.problem = Failure.from(thrown).problem;
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }

  hide(): void {
    this.#asked += 1;
    clearTimeout(this.#timer);
    if (this.#place) this.#place.textContent = '';
    this.shown = false;
    this.busy = false;
  }
}
