/** A wait that can be cut short. */
export class Pause {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;

  /** Resolves after so many milliseconds, or once the pause is cut short. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }

  cut(): void {
    clearTimeout(this.#timer);
    this.#wake?.();
  }
}
