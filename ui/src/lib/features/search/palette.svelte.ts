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
  /** What was asked for by key before the list answered the field. */
  #ahead: HitAction | null = null;
  /** Whether another line was chosen in a list that does not answer the field. */
  #strayed = false;

  constructor(host: PaletteHost) {
    this.#host = host;
    this.search = new Search(host.idle);
  }

  async type(query: string): Promise<void> {
    this.settle();
    this.#ahead = null;
    this.#strayed = false;
    await this.search.type(query);
    await this.#goOn();
  }

  /** Asks again after a change elsewhere. */
  async reload(): Promise<void> {
    await this.search.reload();
    await this.#goOn();
  }

  move(by: number): void {
    this.settle();
    this.#stray();
    this.search.move(by);
  }

  choose(index: number): void {
    this.settle();
    this.#stray();
    this.search.chosen = index;
  }

  /**
   * Does what a key asks for, as soon as the list answers the field, with the hit that is chosen then.
   *
   * Not where another line was chosen in the old list: the new one may not hold it.
   */
  async press(wanted: HitAction): Promise<void> {
    if (this.search.answered) await this.perform(wanted);
    else if (!this.#strayed) this.#ahead = wanted;
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

  async #goOn(): Promise<void> {
    // A later question is still open.
    if (!this.search.answered) return;
    const ahead = this.#ahead;
    this.#ahead = null;
    this.#strayed = false;
    if (ahead) await this.perform(ahead);
  }

  #stray(): void {
    if (this.search.answered) return;
    this.#ahead = null;
    this.#strayed = true;
  }
}
