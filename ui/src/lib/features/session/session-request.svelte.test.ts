import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '$lib/api/client';
import type { SessionAnswer, SessionView } from '$lib/api/client';
import { durationChoices } from './durations';
import { SessionRequest } from './session-request.svelte';

const session = { id: 's1' } as SessionView;
const ready: SessionAnswer = { kind: 'ready', session, cached: false };

describe('a wish for a session', () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => vi.useRealTimers());

  it('waits for the next code and asks again', async () => {
    const request = new SessionRequest();
    const ask = vi.fn<() => Promise<SessionAnswer>>().mockResolvedValueOnce({ kind: 'wait', secs: 12 });
    ask.mockResolvedValueOnce(ready);
    const answer = request.run(ask);
    await vi.advanceTimersByTimeAsync(0);
    expect(request.state).toEqual({ kind: 'waiting', until: 1_012_000 });
    expect(request.busy).toBe(true);
    await vi.advanceTimersByTimeAsync(11_900);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(await answer).toBe(session);
    expect(request.state.kind).toBe('ready');
  });

  it('stops when cancelled', async () => {
    const request = new SessionRequest();
    const ask = vi.fn<() => Promise<SessionAnswer>>().mockResolvedValue({ kind: 'wait', secs: 12 });
    const answer = request.run(ask);
    await vi.advanceTimersByTimeAsync(0);
    request.cancel();
    expect(await answer).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(request.state).toEqual({ kind: 'idle' });
  });

  it('does not wait for ever', async () => {
    const request = new SessionRequest();
    const ask = vi.fn<() => Promise<SessionAnswer>>().mockResolvedValue({ kind: 'wait', secs: 30 });
    const answer = request.run(ask);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(await answer).toBeNull();
    expect(request.state.kind).toBe('failed');
    expect(ask).toHaveBeenCalledTimes(4);
  });

  it('keeps why it failed', async () => {
    const request = new SessionRequest();
    expect(await request.run(() => Promise.reject(new Failure({ code: 'locked' })))).toBeNull();
    expect(request.state).toEqual({ kind: 'failed', problem: { code: 'locked' } });
  });
});

describe('durations to choose from', () => {
  it('stay within the limits and hold the proposed one', () => {
    const root = durationChoices({ min_secs: 900, max_secs: 3600, default_secs: 3600 });
    expect(root.map((one) => one.value)).toEqual([900, 1800, 3600]);
    const user = durationChoices({ min_secs: 900, max_secs: 129_600, default_secs: 5000 });
    expect(user.map((one) => one.value)).toContain(5000);
    expect(Math.max(...user.map((one) => one.value))).toBe(129_600);
  });
});
