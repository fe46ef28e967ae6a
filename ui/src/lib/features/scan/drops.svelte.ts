import { events } from '$lib/api/client';

type Handler = () => void;

/**
 * Files that are dragged over the window.
 *
 * Their paths stay in the backend; this learns only what they do. The dialog that can read them says so with `take`,
 * and the newest one gets them; without one, whatever the window has set with `otherwise` is done.
 */
class Drops {
  over = $state(false);
  #handlers: Handler[] = [];
  #otherwise: Handler = () => {};

  /** Listens until the returned function is called. */
  start(otherwise: Handler): () => void {
    this.#otherwise = otherwise;
    const listening = events.dragging(({ stage }) => {
      this.over = stage === 'over';
      if (stage === 'dropped') (this.#handlers.at(-1) ?? this.#otherwise)();
    });
    return () => {
      this.over = false;
      void listening.then((end) => end());
    };
  }

  /** Hands what is dropped to `handler` until the returned function is called. */
  take(handler: Handler): () => void {
    this.#handlers = [...this.#handlers, handler];
    return () => {
      this.#handlers = this.#handlers.filter((one) => one !== handler);
    };
  }
}

export const drops = new Drops();
