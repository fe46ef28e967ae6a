import { commands, events, Failure } from '$lib/api/client';
import type {
  AccountRow,
  AccountView,
  IdentityView,
  OverviewView,
  ProfileRowView,
  ProfileView,
  ShownItemView,
  UiError,
} from '$lib/api/client';
import { toasts } from '$lib/components/toasts.svelte';
import { applyTheme } from '$lib/features/theme/theme';

const SLOW_MS = 300;

/** Where the window is: the accounts, or a place of its own. */
export type Place = 'accounts' | 'sessions' | 'activity' | 'bin' | 'settings';

/** How deep the user went: which pane is in front where not all three fit. */
export type Depth = 0 | 1 | 2;

/**
 * What the main window shows of the vault, and where in it the user is.
 *
 * It asks the backend again for whatever it shows when told that something changed; answers that arrive out of order
 * are dropped. No secret is ever in here.
 */
export class Vault {
  overview = $state.raw<OverviewView | null>(null);
  accounts = $state.raw<readonly AccountRow[] | null>(null);
  account = $state.raw<AccountView | null>(null);
  identity = $state.raw<IdentityView | null>(null);
  profiles = $state.raw<readonly ProfileRowView[]>([]);
  profile = $state.raw<ProfileView | null>(null);
  problem = $state.raw<UiError | null>(null);

  place = $state<Place>('accounts');
  depth = $state<Depth>(0);
  accountId = $state<string | null>(null);
  identityId = $state<string | null>(null);
  /** Never chosen together with an identity. */
  profileId = $state<string | null>(null);
  /** Grows whenever a code was given out, so that shown codes are asked for again. */
  codesVersion = $state(0);
  /** Whether an answer has been awaited for longer than is comfortable. */
  slow = $state(false);
  /** Grows with every change in the backend. */
  version = $state(0);

  #asked = 0;
  #waiting = 0;
  #slowTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshing = false;
  #again = false;

  /** Begins to show the vault; answers with what ends it. */
  start(): () => void {
    const ends = [
      events.changed(() => void this.refresh()),
      events.clipboardCleared(({ ours }) => {
        if (ours) toasts.say('Clipboard cleared.');
      }),
      events.showItem((shown) => void this.show(shown)),
    ];
    void this.refresh();
    void this.#showFirst();
    return () => {
      for (const end of ends) void end.then((stop) => stop());
    };
  }

  /** Asks again for everything on show. Calls during a run are served by one more run. */
  async refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#refreshing = true;
    try {
      do {
        this.#again = false;
        await this.#timed(() => this.#load());
      } while (this.#again);
    } finally {
      this.#refreshing = false;
    }
  }

  /** Turns to a place of the window. */
  go(place: Place): void {
    this.place = place;
    this.depth = place === 'accounts' ? 0 : 1;
  }

  /** Shows an account; `front` brings it forward where not all panes fit. */
  async openAccount(id: string, front = true): Promise<void> {
    this.place = 'accounts';
    if (front) this.depth = 1;
    if (this.accountId === id && this.#showsDetails && this.account) return;
    this.accountId = id;
    this.#forgetChoice();
    await this.#timed(() => this.#loadShown());
  }

  /** Shows an identity and its account. */
  async openIdentity(id: string, account: string, front = true): Promise<void> {
    this.place = 'accounts';
    if (front) this.depth = 2;
    if (this.identityId === id && this.identity) return;
    this.#forgetProfile();
    this.accountId = account;
    this.identityId = id;
    await this.#timed(() => this.#loadShown());
  }

  /** Shows a profile beside the account in which it is listed. */
  async openProfile(id: string, account: string, front = true): Promise<void> {
    this.place = 'accounts';
    if (front) this.depth = 2;
    if (this.profileId === id && this.profile) return;
    this.#forgetChoice();
    this.accountId = account;
    this.profileId = id;
    await this.#timed(() => this.#loadShown());
  }

  /** The profiles whose credentials act in an account, those on top first. */
  profilesOf(account: string): ProfileRowView[] {
    const own = this.profiles.filter((one) => one.account?.id === account);
    return own.sort((a, b) => Number(b.favourite) - Number(a.favourite));
  }

  /** Turns to what was chosen outside of the window. */
  async show({ item, account, is_profile: isProfile }: ShownItemView): Promise<void> {
    if (item === account) await this.openAccount(item);
    else if (isProfile) await this.openProfile(item, account);
    else await this.openIdentity(item, account);
  }

  /** Shows the account's own details. */
  openDetails(front = true): void {
    this.#forgetChoice();
    if (front) this.depth = 2;
  }

  /** One pane back. */
  back(): void {
    if (this.place !== 'accounts') this.go('accounts');
    else if (this.depth > 0) this.depth = (this.depth - 1) as Depth;
  }

  /** Says that a code was given out. */
  codesUsed(): void {
    this.codesVersion += 1;
  }

  /** Runs a load and notes when it takes longer than 300 ms. */
  async #timed(load: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    this.#slowTimer ??= setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      await load();
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        clearTimeout(this.#slowTimer);
        this.#slowTimer = undefined;
        this.slow = false;
      }
    }
  }

  /** Turns to what the window was opened for. */
  async #showFirst(): Promise<void> {
    try {
      const shown = await commands.takeShownItem();
      if (shown) await this.show(shown);
    } catch {
      // The window then opens as usual; a trouble with the vault itself is told by loading it.
    }
  }

  async #load(): Promise<void> {
    try {
      const [overview, accounts, profiles] = await Promise.all([
        commands.overview(),
        commands.accounts(),
        commands.profiles(),
      ]);
      this.overview = overview;
      this.accounts = accounts;
      this.profiles = profiles;
      this.problem = null;
      applyTheme(overview.settings.theme);
      await this.#loadShown();
      this.version += 1;
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    }
  }

  async #loadShown(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const { accountId, identityId, profileId } = this;
    if (accountId === null) return;
    try {
      const [account, identity, profile] = await Promise.all([
        commands.account(accountId),
        identityId === null ? null : commands.identity(identityId),
        profileId === null ? null : commands.profile(profileId),
      ]);
      if (asked !== this.#asked) return;
      this.account = account;
      this.identity = identity;
      this.profile = profile;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      const { problem } = Failure.from(thrown);
      if (problem.code === 'no-such-item') await this.#stepOut();
      else this.problem = problem;
    }
  }

  /** Whether the account's own details are what is chosen. */
  get #showsDetails(): boolean {
    return this.identityId === null && this.profileId === null;
  }

  #forgetChoice(): void {
    this.identityId = null;
    this.identity = null;
    this.#forgetProfile();
  }

  #forgetProfile(): void {
    this.profileId = null;
    this.profile = null;
  }

  /** What was shown is gone: the identity or the profile, or its account with it. */
  async #stepOut(): Promise<void> {
    if (!this.#showsDetails) {
      this.#forgetChoice();
      if (this.depth === 2) this.depth = 1;
      await this.#loadShown();
    } else {
      this.accountId = null;
      this.account = null;
      this.depth = 0;
    }
  }
}

export const vault = new Vault();
