import { commands, Failure } from '$lib/api/client';
import type { CodeView, UiError } from '$lib/api/client';

/** A device's codes with the moment, by the local clock, at which the present one ends. */
export interface LiveCode extends CodeView {
  readonly endsAt: number;
}

const RETRY_MS = 5_000;

/**
 * The codes of one identity's devices.
 *
 * They are asked for when shown and when one has ended, as its ring notices; in between only the ring moves. The
 * codes leave the page with the component that shows them.
 */
export class Codes {
  problem = $state.raw<UiError | null>(null);
  #list = $state.raw<readonly LiveCode[]>([]);
  readonly #identity: string;
  #loading = false;
  #again = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(identity: string) {
    this.#identity = identity;
  }

  /** The codes of a device; nothing before the first answer. */
  of(device: string): LiveCode | undefined {
    return this.#list.find((code) => code.device === device);
  }

  /** Asks for the codes. */
  async load(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    clearTimeout(this.#retry);
    try {
      do {
        this.#again = false;
        const codes = await commands.codes(this.#identity);
        if (this.#ended) return;
        const now = Date.now();
        this.#list = codes.map((code) => ({ ...code, endsAt: now + code.ends_in_ms }));
        this.problem = null;
      } while (this.#again);
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      if (!this.#ended) this.#retry = setTimeout(() => void this.load(), RETRY_MS);
    } finally {
      this.#loading = false;
    }
  }

  /** Called when a code has ended: asks anew, once for all that end together. */
  next(): void {
    if (!this.#loading) void this.load();
  }

  /** Forgets the codes. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    this.#list = [];
  }
}

/** Whole seconds until a code ends, from its period down to 1. */
export function secondsLeft(code: LiveCode, now: number): number {
  return Math.min(code.period_secs, Math.max(0, Math.ceil((code.endsAt - now) / 1000)));
}
