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

  it('are asked for once when several end together', async () => {
    const codes = new Codes(identity);
    await codes.load();
    const first = codes.of(device)?.code;
    await vi.advanceTimersByTimeAsync(25_000);
    codes.next();
    codes.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()).toBe(2);
    expect(codes.of(device)?.code).not.toBe(first);
  });

  it('follow each other: the next one becomes the present one', async () => {
    const codes = new Codes(identity);
    await codes.load();
    const next = codes.of(device)?.next;
    await vi.advanceTimersByTimeAsync(25_000);
    codes.next();
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

  it('are asked for again a while after a failure, and not once they are gone', async () => {
    const codes = new Codes(identity);
    await codes.load();
    fake.fail('codes', { code: 'internal' });
    await codes.load();
    expect(codes.problem).toEqual({ code: 'internal' });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(asked()).toBe(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked()).toBe(3);
    fake.fail('codes', { code: 'internal' });
    await codes.load();
    codes.end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBe(4);
  });

  it('are gone once ended, also when the answer is still under way', async () => {
    const codes = new Codes(identity);
    const answer = codes.load();
    codes.end();
    await answer;
    expect(codes.of(device)).toBeUndefined();
  });
});
