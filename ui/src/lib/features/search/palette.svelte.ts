import type { SearchHit } from '$lib/api/client';
import { SessionRequest } from '$lib/features/session/session-request.svelte';
import type { Wait } from '$lib/features/session/session-request.svelte';
import { lackOf, mainActionOf } from './hit-actions';
import type { HitAction } from './hit-actions';
import { Search } from './search.svelte';

/** The window around a search box. */
export interface PaletteHost {
  /** What is listed while nothing is typed. */
  readonly idle?: () => Promise<readonly SearchHit[]>;
  /** Does it, or answers that a code is missing still; throws where it fails. */
  perform(action: HitAction, hit: SearchHit): Promise<Wait | void>;
  /** After it was done. */
  done(): void;
}

const DONE = { kind: 'done' } as const;

/** A search box: what is typed and found, and what is being done with the chosen hit. */
export class Palette {
  readonly search: Search;
  readonly request = new SessionRequest();
  /** Why the last action was not even tried. */
  lack = $state<string | null>(null);
  readonly #host: PaletteHost;

  constructor(host: PaletteHost) {
    this.#host = host;
    this.search = new Search(host.idle);
  }

  async type(query: string): Promise<void> {
    this.settle();
    await this.search.type(query);
  }

  move(by: number): void {
    this.settle();
    this.search.move(by);
  }

  choose(index: number): void {
    this.settle();
    this.search.chosen = index;
  }

  /** Does what was asked for with the chosen hit, unless the list does not answer the field yet. */
  async perform(wanted: HitAction): Promise<void> {
    const { hit } = this.search;
    if (!hit || !this.search.answered) return;
    this.settle();
    const action = wanted === 'code' ? mainActionOf(hit) : wanted;
    this.lack = lackOf(hit, action);
    if (this.lack) return;
    const done = await this.request.until(async () => (await this.#host.perform(action, hit)) ?? DONE);
    if (!done) return;
    this.settle();
    this.#host.done();
  }

  /** Stops waiting and takes away what was said. */
  settle(): void {
    this.request.cancel();
    this.lack = null;
  }

  /** Forgets what was typed and asks for the first list. */
  async reset(): Promise<void> {
    await this.type('');
  }
}
