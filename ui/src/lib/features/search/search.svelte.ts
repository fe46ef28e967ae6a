import { commands, Failure } from '$lib/api/client';
import type { SearchHit, UiError } from '$lib/api/client';

const MOST = 50;

/**
 * Searching while typing: the newest question wins, answers that arrive late are dropped.
 *
 * `idle` asks for what is listed while nothing is typed.
 */
export class Search {
  query = $state('');
  hits = $state.raw<readonly SearchHit[]>([]);
  chosen = $state(0);
  /** Whether the hits answer what stands in the field. */
  answered = $state(true);
  problem = $state.raw<UiError | null>(null);
  #asked = 0;

  readonly #idle: (() => Promise<readonly SearchHit[]>) | undefined;

  constructor(idle?: () => Promise<readonly SearchHit[]>) {
    this.#idle = idle;
  }

  get hit(): SearchHit | undefined {
    return this.hits[this.chosen];
  }

  /** Whether nothing is typed. */
  get blank(): boolean {
    return this.query.trim() === '';
  }

  async type(query: string): Promise<void> {
    this.query = query;
    this.answered = false;
    await this.#ask(null);
  }

  /** Asks again after a change elsewhere; what was chosen stays so where it is still found. */
  async reload(): Promise<void> {
    await this.#ask(this.hit?.item ?? null);
  }

  async #ask(keep: string | null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    if (this.blank && !this.#idle) {
      this.#show([], null);
      this.answered = true;
      return;
    }
    try {
      const hits = this.blank && this.#idle ? await this.#idle() : await commands.search(this.query, MOST);
      if (asked === this.#asked) this.#show(hits, keep);
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.hits = [];
      this.problem = Failure.from(thrown).problem;
    } finally {
      if (asked === this.#asked) this.answered = true;
    }
  }

  #show(hits: readonly SearchHit[], keep: string | null): void {
    this.hits = hits;
    this.chosen = Math.max(
      0,
      hits.findIndex((hit) => hit.item === keep),
    );
    this.problem = null;
  }

  move(by: number): void {
    const { length } = this.hits;
    if (length > 0) this.chosen = (this.chosen + by + length) % length;
  }
}

/** A name in pieces, those that the query matched set off. Offsets are UTF-16 units, as JavaScript counts. */
export function pieces(
  name: string,
  matched: readonly (readonly [number, number])[],
): { text: string; set: boolean }[] {
  const all: { text: string; set: boolean }[] = [];
  let at = 0;
  for (const [start, length] of [...matched].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(at, start);
    const to = Math.min(name.length, start + length);
    if (to <= from) continue;
    if (from > at) all.push({ text: name.slice(at, from), set: false });
    all.push({ text: name.slice(from, to), set: true });
    at = to;
  }
  if (at < name.length) all.push({ text: name.slice(at), set: false });
  return all;
}
