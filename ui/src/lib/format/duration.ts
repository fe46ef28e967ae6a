/** A number with its noun: `1 key`, `2 keys`. */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/** Whole seconds in words: `1 second`, `30 seconds`. */
export function seconds(count: number): string {
  return counted(count, 'second', 'seconds');
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in at most two units: `45 s`, `12 min`, `1 h 30 min`, `2 d 4 h`. Unit letters as in SI. */
export function duration(secs: number): string {
  const whole = Math.max(0, Math.floor(secs));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return two(Math.floor(whole / HOUR), 'h', Math.floor((whole % HOUR) / MINUTE), 'min');
  return two(Math.floor(whole / DAY), 'd', Math.floor((whole % DAY) / HOUR), 'h');
}

/** A duration in words for labels and choices: `15 minutes`, `1 hour`, `1 hour 30 minutes`. */
export function durationInWords(secs: number): string {
  if (secs < MINUTE) return seconds(secs);
  const parts: string[] = [];
  const hours = Math.floor(secs / HOUR);
  const minutes = Math.floor((secs % HOUR) / MINUTE);
  const rest = secs % MINUTE;
  if (hours > 0) parts.push(counted(hours, 'hour', 'hours'));
  if (minutes > 0) parts.push(counted(minutes, 'minute', 'minutes'));
  if (rest > 0) parts.push(seconds(rest));
  return parts.join(' ');
}

/** How a clock stands to AWS's, from AWS's time minus the local time: `40 s behind`, `2 min ahead of`. */
export function behindOrAhead(offsetSecs: number): string {
  return `${duration(Math.abs(offsetSecs))} ${offsetSecs > 0 ? 'behind' : 'ahead of'}`;
}

function two(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}
