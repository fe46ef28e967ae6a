/** The scanning half of the fake backend: what each source shows, and the two codes of an enrolment. */
import { Failure } from '../client';
import type { Commands, EnrolmentCodeView, FoundView, ScanView, ScanWaysView, SeedPreview } from '../client';

type ScanCommands = Pick<
  Commands,
  | 'scanWays'
  | 'scanScreen'
  | 'scanRegion'
  | 'scanClipboard'
  | 'scanFile'
  | 'scanDropped'
  | 'scanCamera'
  | 'stopCamera'
  | 'endScan'
  | 'saveScannedDevice'
  | 'copyEnrolmentCode'
>;

/** What the scanning half asks of the rest. */
export interface ScanHost {
  preview(identity: string | null, text: string): SeedPreview;
  saveDevice: Commands['saveDevice'];
  /** Uses up a device's code of the present step. */
  useCode(identity: string, device: string): { code: string; endsInMs: number; periodSecs: number; step: number };
}

/** A sample of what AWS shows when a device is made. */
const SAMPLE =
  'otpauth://totp/Amazon%20Web%20Services:robin.mason@123456789012?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services';

export class FakeScans {
  /** The texts of the codes in the next pictures. */
  texts: string[] = [SAMPLE];
  ways: ScanWaysView = { region: true, screen_asks: false, camera_missing: null };
  /** The scan that is pending. */
  pending: { id: string; devices: (string | null)[] } | null = null;
  readonly #host: ScanHost;
  #last = 0;
  #first: { device: string; step: number } | null = null;
  #stopCamera: (() => void) | null = null;

  constructor(host: ScanHost) {
    this.#host = host;
  }

  readonly commands: ScanCommands = {
    scanWays: async () => this.ways,
    scanScreen: async (identity) => this.#scan(identity),
    scanRegion: async (identity) => this.#scan(identity),
    scanClipboard: async (identity) => this.#scan(identity),
    scanFile: async (identity) => this.#scan(identity),
    scanDropped: async (identity) => this.#scan(identity),
    scanCamera: async () =>
      new Promise((_, fail) => {
        this.#stopCamera = () => fail(new Failure({ code: 'scan', problem: 'cancelled', detail: null }));
      }),
    stopCamera: async () => {
      this.#stopCamera?.();
      return null;
    },
    endScan: async (scan) => {
      if (this.pending?.id === scan) this.pending = null;
      return null;
    },
    saveScannedDevice: async (draft, scan, number) => {
      const isThere = this.pending?.id === scan && this.pending.devices[number];
      if (!isThere) throw new Failure({ code: 'scan', problem: 'gone', detail: null });
      return this.#host.saveDevice({ ...draft, secret: null });
    },
    copyEnrolmentCode: async (identity, device, turn): Promise<EnrolmentCodeView> => {
      const given = this.#host.useCode(identity, device);
      if (turn === 'first') this.#first = { device, step: given.step };
      else if (this.#first?.device !== device || given.step > this.#first.step + 1) return { kind: 'too-late' };
      else if (given.step === this.#first.step) return { kind: 'not-yet', in_ms: given.endsInMs };
      return {
        kind: 'copied',
        code: given.code,
        clears_in_secs: 30,
        used_before: false,
        ends_in_ms: given.endsInMs,
        period_secs: given.periodSecs,
      };
    },
  };

  #scan(identity: string | null): ScanView {
    this.#last += 1;
    const id = `scan-${this.#last}`;
    const found = this.texts.map((text) => this.#found(identity, text));
    this.pending = { id, devices: this.texts.map((text, at) => (found[at]?.kind === 'device' ? text : null)) };
    return { id, found };
  }

  #found(identity: string | null, text: string): FoundView {
    if (/^https?:/.test(text)) return { kind: 'web-address', host: new URL(text).host };
    if (text.startsWith('otpauth://hotp/')) return { kind: 'hotp', label: null };
    if (!text.startsWith('otpauth://totp/')) return { kind: 'text' };
    return { kind: 'device', preview: this.#host.preview(identity, text), exported: text.includes('&exported') };
  }
}
