import { cleanup, render } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import CodeRing from './CodeRing.svelte';
import type { LiveCode } from './codes.svelte';

const START = Date.parse('2026-11-23T12:00:05Z');
const code = (endsAt: number): LiveCode =>
  ({ device: 'd', code: '123456', next: '654321', period_secs: 30, endsAt }) as LiveCode;

beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(async () => {
  // The ticker stops with its last reader, by the clock that it was started with.
  cleanup();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
});

it('says once for each code that it has ended', async () => {
  const onend = vi.fn();
  const { rerender } = render(CodeRing, { code: code(START + 3000), onend });
  await vi.advanceTimersByTimeAsync(2_900);
  expect(onend).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(onend).toHaveBeenCalledTimes(1);
  await rerender({ code: code(Date.now() + 2000), onend });
  await vi.advanceTimersByTimeAsync(2_100);
  expect(onend).toHaveBeenCalledTimes(2);
});

it('notices that the machine slept as soon as it is awake', async () => {
  const onend = vi.fn();
  render(CodeRing, { code: code(START + 25_000), onend });
  vi.setSystemTime(START + 3_600_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onend).toHaveBeenCalledTimes(1);
});
