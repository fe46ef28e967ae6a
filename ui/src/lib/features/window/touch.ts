import { commands } from '$lib/api/client';

const AT_MOST_EVERY_MS = 5_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** Tells the backend that the user is there, at most every few seconds. Answers with what ends it. */
export function watchUse(): () => void {
  let last = 0;
  const tell = (): void => {
    const now = Date.now();
    if (now - last < AT_MOST_EVERY_MS) return;
    last = now;
    // Whether it arrives or not is nothing that the user could act on.
    commands.touch().catch(() => undefined);
  };
  for (const sign of SIGNS) addEventListener(sign, tell, { passive: true });
  return () => {
    for (const sign of SIGNS) removeEventListener(sign, tell);
  };
}
