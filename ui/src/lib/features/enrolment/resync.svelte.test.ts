import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import type { UiError } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Resync } from './resync.svelte';

const KEY = 'AKIAIOSFODNN7EXAMPLE';
const REFUSED: UiError = {
  code: 'aws',
  kind: 'wrong-or-reused-code',
  aws_code: 'InvalidAuthenticationCode',
  aws_message: null,
  host: 'iam.amazonaws.com',
  clock_offset_secs: 0,
};

describe('resynchronising a device', () => {
  let fake: Fake;
  let resync: Resync;
  const asked = (): number => fake.calls.filter((call) => call === 'resyncDevice').length;
  beforeEach(() => {
    vi.useFakeTimers();
    fake = new Fake({ accounts: 2 });
    use(fake);
    resync = new Resync('user', KEY, 'device');
  });
  afterEach(() => vi.useRealTimers());

  it('is done with the first two codes where AWS takes them', async () => {
    await resync.run();
    expect(resync.state.kind).toBe('done');
    expect(asked()).toBe(1);
  });

  it('tries the next two codes by itself after a refusal, showing the wait', async () => {
    fake.enrolment.problems.push(REFUSED);
    fake.enrolment.resyncWaits.push(40);
    const run = resync.run();
    await vi.advanceTimersByTimeAsync(100);
    expect(resync.state).toMatchObject({ kind: 'waiting' });
    expect(resync.refused).toBe(1);
    expect(asked()).toBe(2);
    await vi.advanceTimersByTimeAsync(41_000);
    await run;
    expect(resync.state.kind).toBe('done');
    expect(asked()).toBe(3);
  });

  it('stops after the second refusal', async () => {
    fake.enrolment.problems.push(REFUSED, REFUSED);
    await resync.run();
    expect(resync.state).toEqual({ kind: 'failed', problem: REFUSED });
    expect(resync.refused).toBe(2);
    expect(asked()).toBe(2);
  });

  it('stops at once where something else is wrong', async () => {
    fake.enrolment.problems.push({ ...REFUSED, kind: 'no-such-entity' });
    await resync.run();
    expect(resync.state.kind).toBe('failed');
    expect(resync.refused).toBe(0);
    expect(asked()).toBe(1);
  });

  it('asks no more once its window is gone', async () => {
    fake.enrolment.resyncWaits.push(40);
    const run = resync.run();
    await vi.advanceTimersByTimeAsync(100);
    resync.end();
    await run;
    expect(asked()).toBe(1);
  });
});
