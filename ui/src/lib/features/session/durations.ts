import type { SessionLimitsView } from '$lib/api/client';
import { durationInWords } from '$lib/format/duration';

const USUAL = [900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 129_600];

/** The durations to choose from within AWS's limits, the proposed one among them. */
export function durationChoices(limits: SessionLimitsView): { value: number; label: string }[] {
  const all = new Set([...USUAL, limits.min_secs, limits.max_secs, limits.default_secs]);
  return [...all]
    .filter((secs) => secs >= limits.min_secs && secs <= limits.max_secs)
    .sort((a, b) => a - b)
    .map((secs) => ({ value: secs, label: durationInWords(secs) }));
}
