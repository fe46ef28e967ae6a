import { commands } from '$lib/api/client';
import type { DeviceRefView } from '$lib/api/client';
import { reader } from '$lib/api/sealing';

/** How long a QR code stays on the screen. */
export const SHOWN_FOR_S = 60;

/**
 * Shows the QR code of a device for a minute.
 *
 * The drawing goes from the sealed answer straight into one element of the page and nowhere else. It is taken out
 * again after a minute, when the page goes out of sight, and when the element leaves the page.
 */
export class QrCode {
  shown = $state(false);
  over = $state(false);
  side = $state(1);
  leftSecs = $state(0);

  #place: SVGPathElement | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The path that the code is drawn with. */
  readonly place = (element: SVGPathElement): (() => void) => {
    this.#place = element;
    const hide = (): void => {
      if (document.hidden) this.hide();
    };
    document.addEventListener('visibilitychange', hide);
    return () => {
      this.hide();
      this.#place = null;
      document.removeEventListener('visibilitychange', hide);
    };
  };

  async show(device: DeviceRefView): Promise<void> {
    const own = await reader();
    const answer = await commands.showQr(device, own.key);
    const path = await own.open(answer.path);
    if (!this.#place) return;
    this.side = answer.side;
    this.#place.setAttribute('d', path);
    this.shown = true;
    this.over = false;
    this.leftSecs = SHOWN_FOR_S;
    const until = Date.now() + SHOWN_FOR_S * 1000;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.leftSecs = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (this.leftSecs === 0) this.hide();
    }, 1000);
  }

  hide(): void {
    clearInterval(this.#timer);
    this.#place?.removeAttribute('d');
    this.over = this.shown || this.over;
    this.shown = false;
  }
}
