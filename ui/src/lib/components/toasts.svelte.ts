/** A short message in the corner of the window. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'danger';
  /** Something that can be done about it, such as taking it back. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

const PLAIN_MS = 5_000;
const LONG_MS = 12_000;
const MOST = 3;

/** The short messages on show, the newest last. They go by themselves, and stay while the pointer is on them. */
class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #lastId = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Says that something was done. */
  say(text: string, action?: Toast['action']): void {
    this.#add({ text, tone: 'info', action });
  }

  /** Says that something failed, where there is no better place beside its cause. */
  fail(text: string): void {
    this.#add({ text, tone: 'danger' });
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Keeps a message on show. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  /** Lets a held message go after its time. */
  release(toast: Toast): void {
    this.hold(toast.id);
    const wait = toast.action || toast.tone === 'danger' ? LONG_MS : PLAIN_MS;
    this.#timers.set(
      toast.id,
      setTimeout(() => this.dismiss(toast.id), wait),
    );
  }

  clear(): void {
    for (const toast of this.list) this.dismiss(toast.id);
  }

  #add(content: Omit<Toast, 'id'>): void {
    this.#lastId += 1;
    const toast = { ...content, id: this.#lastId };
    // The same words again replace the old ones, so that repeated copying does not pile up.
    for (const old of this.list) if (old.text === toast.text) this.dismiss(old.id);
    this.list = [...this.list, toast].slice(-MOST);
    this.release(toast);
  }
}

export const toasts = new Toasts();
