import { Failure } from '$lib/api/client';
import { sentence } from '$lib/api/errors';
import { toasts } from '$lib/components/toasts.svelte';

/** Runs an action that has no better place for its failure than a toast; answers whether it worked. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (thrown) {
    toasts.fail(sentence(Failure.from(thrown).problem));
    return false;
  }
}
