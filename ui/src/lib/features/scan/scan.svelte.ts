import { commands, Failure } from '$lib/api/client';
import type { FoundView, ScanView, ScanWaysView, UiError } from '$lib/api/client';

/** Where a code is looked for. */
export type Source = 'screen' | 'region' | 'clipboard' | 'file' | 'dropped' | 'camera';

/** A device that was found, by its place in the scan. */
export interface FoundDevice {
  readonly scan: string;
  readonly number: number;
  readonly found: Extract<FoundView, { kind: 'device' }>;
}

/**
 * Looking for codes, one source at a time.
 *
 * The backend takes the pictures and keeps the seeds; here is only what may be shown. A scan that is not asked for any
 * more is ended, which drops its seeds.
 */
export class Scan {
  ways = $state.raw<ScanWaysView | null>(null);
  /** The source that is looked at just now. */
  busy = $state<Source | null>(null);
  /** Where the answer is from. */
  from = $state<Source | null>(null);
  answer = $state.raw<ScanView | null>(null);
  problem = $state.raw<UiError | null>(null);
  /** The devices of this scan that were saved. */
  saved = $state.raw<readonly number[]>([]);
  readonly #identity: string | null;
  #asked = 0;

  constructor(identity: string | null) {
    this.#identity = identity;
  }

  get devices(): FoundDevice[] {
    const { answer } = this;
    if (!answer) return [];
    return answer.found.flatMap((found, number) =>
      found.kind === 'device' ? [{ scan: answer.id, number, found }] : [],
    );
  }

  /** What was found that is no device. */
  get others(): Exclude<FoundView, { kind: 'device' }>[] {
    return (this.answer?.found ?? []).flatMap((found) => (found.kind === 'device' ? [] : [found]));
  }

  get unsaved(): FoundDevice[] {
    return this.devices.filter((device) => !this.saved.includes(device.number));
  }

  async look(): Promise<void> {
    try {
      this.ways = await commands.scanWays();
    } catch {
      // What does not work says so when it is tried.
    }
  }

  /** Looks for codes; answers whether there is an answer, with or without a code in it. */
  async begin(source: Source): Promise<boolean> {
    if (this.busy) return false;
    const asked = ++this.#asked;
    this.busy = source;
    this.problem = null;
    try {
      const answer = await this.#ask(source);
      if (asked !== this.#asked) {
        void end(answer.id);
        return false;
      }
      this.answer = answer;
      this.from = source;
      this.saved = [];
      return true;
    } catch (thrown) {
      if (asked !== this.#asked) return false;
      const { problem } = Failure.from(thrown);
      // Who gave up knows it.
      this.problem = problem.code === 'scan' && problem.problem === 'cancelled' ? null : problem;
      return false;
    } finally {
      if (asked === this.#asked) this.busy = null;
    }
  }

  /** Ends looking through the camera. */
  async stop(): Promise<void> {
    if (this.busy !== 'camera') return;
    try {
      await commands.stopCamera();
    } catch {
      // A locked vault has ended it already.
    }
  }

  noteSaved(number: number): void {
    this.saved = [...this.saved, number];
  }

  /** Goes back to the beginning; found seeds are dropped. */
  clear(): void {
    const { answer } = this;
    this.#asked += 1;
    this.answer = null;
    this.from = null;
    this.problem = null;
    this.busy = null;
    if (answer) void end(answer.id);
  }

  #ask(source: Source): Promise<ScanView> {
    switch (source) {
      case 'screen':
        return commands.scanScreen(this.#identity);
      case 'region':
        return commands.scanRegion(this.#identity);
      case 'clipboard':
        return commands.scanClipboard(this.#identity);
      case 'file':
        return commands.scanFile(this.#identity);
      case 'dropped':
        return commands.scanDropped(this.#identity);
      case 'camera':
        return commands.scanCamera(this.#identity);
    }
  }
}

async function end(scan: string): Promise<void> {
  try {
    await commands.endScan(scan);
  } catch {
    // Locking has dropped it.
  }
}
