import { createSubscriber } from 'svelte/reactivity';

/**
 * A clock that components read and are redrawn by, once a period.
 *
 * It runs on one timer, aligned to whole periods, only while something reads it and the window is visible.
 */
export class Ticker {
  readonly #subscribe: () => void;

  constructor(periodMs: number) {
    this.#subscribe = createSubscriber((update) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const plan = (): void => {
        timer = setTimeout(
          () => {
            update();
            plan();
          },
          periodMs - (Date.now() % periodMs),
        );
      };
      const onVisibility = (): void => {
        clearTimeout(timer);
        if (document.hidden) return;
        update();
        plan();
      };
      document.addEventListener('visibilitychange', onVisibility);
      if (!document.hidden) plan();
      return () => {
        clearTimeout(timer);
        document.removeEventListener('visibilitychange', onVisibility);
      };
    });
  }

  /** Milliseconds since the epoch; whatever reads it in an effect or a template runs again once a period. */
  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const second = new Ticker(1000);
export const minute = new Ticker(60_000);
