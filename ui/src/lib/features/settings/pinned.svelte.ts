import { commands, Failure } from '$lib/api/client';
import type { SearchHit, UiError } from '$lib/api/client';

/** The pinned identities in the order of the tray menu and the quick search. */
export class Pinned {
  list = $state.raw<readonly SearchHit[] | null>(null);
  problem = $state.raw<UiError | null>(null);
  /** What was done last, for screen readers. */
  said = $state('');
  #saving = 0;

  /** Asks for the list, unless an order that is not saved yet is on show. */
  async load(): Promise<void> {
    try {
      const list = await commands.pinned();
      if (this.#saving === 0) this.list = list;
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    }
  }

  /** Moves an identity up (`-1`) or down (`1`); answers whether there was room. */
  async move(item: string, by: -1 | 1): Promise<boolean> {
    const list = [...(this.list ?? [])];
    const from = list.findIndex((hit) => hit.item === item);
    const to = from + by;
    const [moved, other] = [list[from], list[to]];
    if (!moved || !other) return false;
    [list[from], list[to]] = [other, moved];
    this.list = list;
    this.said = `${nameOf(moved)} is number ${to + 1} of ${list.length} now.`;
    await this.#save(() => commands.orderPinned(list.map((hit) => hit.item)));
    return true;
  }

  /** Takes an identity off the list; answers with what pins it again at its place. */
  async unpin(item: string): Promise<(() => Promise<void>) | null> {
    const before = this.list ?? [];
    const done = await this.#save(() => commands.setFavourite(item, false));
    if (!done) return null;
    return async () => {
      await this.#save(async () => {
        await commands.setFavourite(item, true);
        await commands.orderPinned(before.map((hit) => hit.item));
      });
    };
  }

  async #save(work: () => Promise<unknown>): Promise<boolean> {
    this.#saving += 1;
    let done = false;
    try {
      await work();
      this.problem = null;
      done = true;
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    } finally {
      this.#saving -= 1;
    }
    // A failed order must not stay on show.
    const { problem } = this;
    await this.load();
    if (!done) this.problem = problem;
    return done;
  }
}

/** Who a pinned line is about, as in `robin.mason in Payments`. */
export function nameOf(hit: SearchHit): string {
  return `${hit.identity?.name ?? ''} in ${hit.account.name}`;
}
