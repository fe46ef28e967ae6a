import { commands, Failure } from '$lib/api/client';
import type { IdentityRow, IdentityView, UiError } from '$lib/api/client';

/** The identities of an account to choose from, and the keys and devices of the one that is chosen. */
export class SourceChoice {
  account = $state('');
  identities = $state.raw<readonly IdentityRow[]>([]);
  identity = $state.raw<IdentityView | null>(null);
  problem = $state.raw<UiError | null>(null);
  #asked = 0;

  /** Shows the identities of an account. */
  async openAccount(account: string): Promise<void> {
    this.account = account;
    this.identity = null;
    await this.#ask(async () => {
      const { identities } = await commands.account(account);
      return () => (this.identities = identities);
    });
  }

  /** Shows an identity's keys and devices, and its account's other identities. */
  async openIdentity(id: string | null): Promise<void> {
    if (id === null) {
      this.#asked += 1;
      this.identity = null;
      return;
    }
    await this.#ask(async () => {
      const identity = await commands.identity(id);
      const account = identity.account.id;
      const identities = account === this.account ? this.identities : (await commands.account(account)).identities;
      return () => {
        this.account = account;
        this.identities = identities;
        this.identity = identity;
      };
    });
  }

  /** Takes an answer only while nothing else was asked for since. */
  async #ask(work: () => Promise<() => unknown>): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const take = await work();
      if (asked !== this.#asked) return;
      take();
      this.problem = null;
    } catch (thrown) {
      if (asked === this.#asked) this.problem = Failure.from(thrown).problem;
    }
  }
}
