import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Codes, secondsLeft } from './codes.svelte';

describe('live codes', () => {
  let fake: Fake;
  let identity: string;
  let device: string;
  const asked = (): number => fake.calls.filter((name) => name === 'codes').length;

  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-23T12:00:05Z') });
    fake = new Fake({ accounts: 1 });
    use(fake);
    const owner = fake.identities.find((one) => one.devices.length === 1);
    identity = owner?.id ?? '';
    device = owner?.devices[0]?.id ?? '';
  });
  afterEach(() => vi.useRealTimers());

  it('are asked for once a step, not once a second', async () => {
    const codes = new Codes(identity);
    await codes.load();
    const first = codes.of(device)?.code;
    for (let at = 0; at < 24; at += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      codes.tick(Date.now());
    }
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    codes.tick(Date.now());
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()).toBe(2);
    expect(codes.of(device)?.code).not.toBe(first);
  });

  it('follow each other: the next one becomes the present one', async () => {
    const codes = new Codes(identity);
    await codes.load();
    const next = codes.of(device)?.next;
    await vi.advanceTimersByTimeAsync(25_000);
    codes.tick(Date.now());
    await vi.advanceTimersByTimeAsync(0);
    expect(codes.of(device)?.code).toBe(next);
  });

  it('count down whole seconds', async () => {
    const codes = new Codes(identity);
    await codes.load();
    const code = codes.of(device);
    expect(code && secondsLeft(code, Date.now())).toBe(25);
    expect(code && secondsLeft(code, Date.now() + 24_500)).toBe(1);
    expect(code && secondsLeft(code, Date.now() + 60_000)).toBe(0);
  });

  it('wait before asking again after a failure', async () => {
    const codes = new Codes(identity);
    await codes.load();
    fake.fail('codes', { code: 'internal' });
    await vi.advanceTimersByTimeAsync(25_000);
    for (let at = 0; at < 6; at += 1) {
      codes.tick(Date.now());
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(codes.problem).toEqual({ code: 'internal' });
    expect(asked()).toBe(3);
  });

  it('are gone once ended, also when the answer is still under way', async () => {
    const codes = new Codes(identity);
    const answer = codes.load();
    codes.end();
    await answer;
    expect(codes.of(device)).toBeUndefined();
  });
});
