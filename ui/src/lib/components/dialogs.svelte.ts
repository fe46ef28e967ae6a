import type { Component } from 'svelte';

interface Entry {
  readonly id: number;
  readonly component: Component<Record<string, unknown>>;
  readonly props: Record<string, unknown>;
}

/** What a dialog component gets besides its own props. */
export interface DialogProps {
  /** Takes the dialog away. */
  close: () => void;
}

/**
 * The dialogs that stand over the window, the topmost last.
 *
 * They are drawn by `DialogLayer` beside the window's content, which is inert meanwhile; so a dialog is opened from
 * anywhere by name and never lies inside what it covers.
 */
class Dialogs {
  stack = $state.raw<readonly Entry[]>([]);
  #lastId = 0;

  get open(): boolean {
    return this.stack.length > 0;
  }

  /** Shows a dialog; it gets `close` besides `props`. */
  show<Props extends DialogProps>(component: Component<Props>, props: Omit<Props, keyof DialogProps>): () => void {
    this.#lastId += 1;
    const id = this.#lastId;
    const close = (): void => {
      this.stack = this.stack.filter((entry) => entry.id !== id);
    };
    const entry: Entry = {
      id,
      component: component as unknown as Entry['component'],
      props: { ...props, close },
    };
    this.stack = [...this.stack, entry];
    return close;
  }

  /** Takes all dialogs away. */
  clear(): void {
    this.stack = [];
  }
}

export const dialogs = new Dialogs();
