import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '$lib/api/client';
import { Attempt } from './attempt.svelte';

describe('an attempt', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs once at a time and says how it went', async () => {
    const attempt = new Attempt();
    let finish = (): void => {};
    const first = attempt.run(() => new Promise<void>((resolve) => (finish = resolve)));
    expect(attempt.running).toBe(true);
    const second = vi.fn();
    expect(await attempt.run(second)).toBe(false);
    expect(second).not.toHaveBeenCalled();
    finish();
    expect(await first).toBe(true);
    expect(attempt.running).toBe(false);
    expect(attempt.problem).toBeNull();
  });

  it('keeps the typed error, and takes anything else for a program error', async () => {
    const attempt = new Attempt();
    const thrown = { code: 'in-use', pid: 7, agent: false } as const;
    expect(await attempt.run(() => Promise.reject(new Failure(thrown)))).toBe(false);
    expect(attempt.problem).toEqual(thrown);
    await attempt.run(() => Promise.reject(new TypeError('x')));
    expect(attempt.problem).toEqual({ code: 'internal' });
    await attempt.run(() => Promise.resolve());
    expect(attempt.problem).toBeNull();
  });

  it('waits as long as the backend asks, and tries nothing meanwhile', async () => {
    const attempt = new Attempt();
    await attempt.run(() => Promise.reject(new Failure({ code: 'wrong-password', wait_secs: 3 })));
    expect([attempt.waitSecs, attempt.blocked, attempt.waited]).toEqual([3, true, true]);
    const task = vi.fn();
    await attempt.run(task);
    vi.advanceTimersByTime(2000);
    expect([attempt.waitSecs, attempt.blocked]).toEqual([1, true]);
    await attempt.run(task);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect([attempt.waitSecs, attempt.blocked]).toEqual([0, false]);
    expect(vi.getTimerCount()).toBe(0);
    expect(attempt.problem?.code).toBe('wrong-password');
    await attempt.run(task);
    expect(task).toHaveBeenCalledOnce();
    expect(attempt.waited).toBe(false);
  });

  it('goes by the clock where timers come late', () => {
    const attempt = new Attempt();
    attempt.wait(30);
    vi.setSystemTime(Date.now() + 28_500);
    vi.advanceTimersByTime(1000);
    expect(attempt.waitSecs).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(attempt.blocked).toBe(false);
  });

  it('stops counting when its component goes', () => {
    const attempt = new Attempt();
    attempt.wait(30);
    attempt.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
