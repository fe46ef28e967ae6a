const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]:not([tabindex="-1"])';

/** Everything in `root` that Tab reaches, in order. */
export function focusables(root: Element): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (element) => element.tabIndex >= 0 && !element.closest('[inert], [hidden]'),
  );
}

/**
 * Holds the focus within `root` as long as it is on the page, and gives it back where it was afterwards.
 *
 * First the element marked `data-autofocus` gets it, else the first field, else `root` itself. Where the focused
 * element goes away, as with the step of a dialog, `root` takes the focus, so that Tab and Esc go on from there.
 */
export function holdFocus(root: HTMLElement): () => void {
  const before = document.activeElement;
  const first =
    root.querySelector<HTMLElement>('[data-autofocus]') ??
    root.querySelector<HTMLElement>('input:not(:disabled), select:not(:disabled), textarea:not(:disabled)') ??
    root;
  first.focus();

  function keepInside(event: KeyboardEvent): void {
    if (event.key !== 'Tab') return;
    const inside = focusables(root);
    const start = inside[0];
    const end = inside.at(-1);
    if (!start || !end) return;
    const active = document.activeElement;
    if (event.shiftKey && (active === start || active === root)) {
      event.preventDefault();
      end.focus();
    } else if (!event.shiftKey && active === end) {
      event.preventDefault();
      start.focus();
    }
  }

  const steps = new MutationObserver(() => {
    if (document.activeElement === document.body && !root.closest('[inert]')) root.focus();
  });
  steps.observe(root, { childList: true, subtree: true });
  root.addEventListener('keydown', keepInside);
  return () => {
    steps.disconnect();
    root.removeEventListener('keydown', keepInside);
    // Whatever is covered is inert until the dialog is gone, and inert elements take no focus.
    queueMicrotask(() => {
      if (before instanceof HTMLElement && before.isConnected && !document.activeElement?.closest('[role=dialog]')) {
        before.focus();
      }
    });
  };
}
