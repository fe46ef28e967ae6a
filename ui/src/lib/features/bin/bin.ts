import { commands } from '$lib/api/client';
import { toasts } from '$lib/components/toasts.svelte';
import { attempt } from '$lib/features/form/attempt';
import { vault } from '$lib/features/window/vault.svelte';

/** Puts an account, an identity or a profile into the bin, and offers to take it back. */
export async function bin(item: string, name: string): Promise<void> {
  const gone = await attempt(() => commands.binItem(item));
  if (!gone) return;
  toasts.say(`${name} is in the bin for 30 days.`, { label: 'Undo', run: () => void restore(item, name) });
  await vault.refresh();
}

/** Takes an item out of the bin. */
export async function restore(item: string, name: string): Promise<void> {
  if (!(await attempt(() => commands.restoreItem(item)))) return;
  toasts.say(`${name} is back.`);
  await vault.refresh();
}
