/** Whether a key may have been released elsewhere since the last one that went down here. */
let missed = false;
let anew: KeyboardEvent | null = null;

addEventListener('blur', () => (missed = true));
addEventListener(
  'keydown',
  (event) => {
    anew = missed ? event : null;
    missed = false;
  },
  { capture: true },
);

/**
 * Says whether a key is only held, rather than pressed anew.
 *
 * Where a press hides the window, another program hears of the release. WebKit, which waits for it, then says of the
 * next press of that key, whenever it comes, that it repeats the first.
 */
export function isHeld(event: KeyboardEvent): boolean {
  return event.repeat && event !== anew;
}
