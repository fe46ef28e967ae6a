const exactFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A moment as it stands to `now`: `just now`, `12 minutes ago`, `in 2 hours`, `yesterday`, and days from a month on. */
export function relativeDate(iso: string, now: number = Date.now()): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const gap = at - now;
  const size = Math.abs(gap);
  if (size < MINUTE) return gap > 0 ? 'in a moment' : 'just now';
  // What is past counts whole units gone by; what is to come, those begun: `in 30 days` from the first moment on.
  const whole = gap > 0 ? Math.ceil : Math.trunc;
  if (size < HOUR) return relative.format(whole(gap / MINUTE), 'minute');
  if (size < DAY) return relative.format(whole(gap / HOUR), 'hour');
  if (size <= 30 * DAY) return relative.format(whole(gap / DAY), 'day');
  return dayFormat.format(at);
}

/** A moment to the second, in local time: `23 November 2026 at 10:00:00`. */
export function exactDate(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : exactFormat.format(at);
}

/** The time of day: `10:42`. */
export function timeOfDay(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : timeFormat.format(at);
}
