import { commands } from '$lib/api/client';
import type { ConsoleAnswer } from '$lib/api/client';
import { toasts } from '$lib/components/toasts.svelte';
import { copiedWords } from '$lib/features/clipboard/copy';
import { SessionRequest } from '$lib/features/session/session-request.svelte';
import { vault } from '$lib/features/window/vault.svelte';

/** The profile whose console is opened. */
export interface ConsoleProfile {
  readonly id: string;
  readonly name: string;
}

/** Opens the console, or copies the address that does, waiting for a code where one is needed. */
export class ConsoleRequest extends SessionRequest {
  /** Whether there is something to show of it: a wait, or why it failed. */
  get shown(): boolean {
    return this.state.kind === 'waiting' || this.state.kind === 'failed';
  }

  /** Opens it in the browser; answers whether the browser has it. */
  open(profile: ConsoleProfile, service: string, region: string): Promise<boolean> {
    return this.#ask(profile, () => commands.openConsole({ profile: profile.id, service, region }));
  }

  /** Copies its address; answers whether that worked. */
  copy(profile: ConsoleProfile, service: string, region: string): Promise<boolean> {
    return this.#ask(profile, () => commands.copyConsoleAddress({ profile: profile.id, service, region }));
  }

  async #ask(profile: ConsoleProfile, ask: () => Promise<ConsoleAnswer>): Promise<boolean> {
    const answer = await this.until(ask);
    if (!answer) return false;
    this.cancel();
    toasts.say(
      answer.kind === 'copied'
        ? copiedWords(`Console address of ${profile.name}`, answer.copied)
        : `The console opens in the browser as ${profile.name}.`,
    );
    // A session may have been made, and a code used, on the way.
    vault.codesUsed();
    await vault.refresh();
    return true;
  }
}
