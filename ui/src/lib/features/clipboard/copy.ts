import { commands } from '$lib/api/client';
import type { CopiedView, CopyTarget } from '$lib/api/client';
import { toasts } from '$lib/components/toasts.svelte';
import { attempt } from '$lib/features/form/attempt';
import { vault } from '$lib/features/window/vault.svelte';
import { durationInWords } from '$lib/format/duration';

/** Copies in the backend and says what became of it; answers whether it worked. `name` as in `Password`. */
export async function copy(target: CopyTarget, name: string): Promise<boolean> {
  return attempt(async () => {
    const answer = await commands.copy(target);
    toasts.say(copiedWords(name, answer));
    if (target.kind === 'code' || target.kind === 'next-code') vault.codesUsed();
  });
}

/** What the user is told after copying. */
export function copiedWords(name: string, answer: CopiedView): string {
  const parts = [`${name} copied.`];
  if (answer.used_before)
    parts.push('It was given out before, and AWS takes each code once: better wait for the next.');
  if (answer.valid_in_secs !== null) {
    parts.push(
      `The present one was about to end: this is the next, valid in ${durationInWords(answer.valid_in_secs)}.`,
    );
  }
  if (answer.clears_in_secs !== null) parts.push(`Clears in ${durationInWords(answer.clears_in_secs)}.`);
  return parts.join(' ');
}
