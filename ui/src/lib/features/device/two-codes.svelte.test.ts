import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { TwoCodes } from './two-codes.svelte';

describe('the two codes of an enrolment', () => {
  let fake: Fake;
  let codes: TwoCodes;
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-23T10:00:10Z') });
    fake = new Fake({ accounts: 1 });
    use(fake);
    const owner = fake.identities.find((one) => one.devices.length > 0);
    codes = new TwoCodes(owner?.id ?? '', owner?.devices[0]?.id ?? '');
  });
  afterEach(() => vi.useRealTimers());

  const stage = (): string => codes.stage(Date.now());

  it('go one after the other with one button, the wait counted down', async () => {
    expect(stage()).toBe('first');
    expect(await codes.advance()).toBe(true);
    expect(stage()).toBe('wait');
    expect(codes.wait(Date.now())).toBe(20);
    vi.setSystemTime(new Date('2026-11-23T10:00:29Z'));
    expect(codes.wait(Date.now())).toBe(1);
    expect(await codes.advance()).toBe(false);
    vi.setSystemTime(new Date('2026-11-23T10:00:31Z'));
    expect(stage()).toBe('second');
    expect(await codes.advance()).toBe(true);
    expect(stage()).toBe('done');
    expect(codes.second?.code).not.toBe(codes.first?.code);
    expect(fake.calls.filter((call) => call === 'copyEnrolmentCode')).toHaveLength(2);
  });

  it('begin anew when the second one’s time has passed', async () => {
    await codes.advance();
    vi.setSystemTime(new Date('2026-11-23T10:01:05Z'));
    expect(stage()).toBe('late');
    expect(await codes.advance()).toBe(true);
    expect(stage()).toBe('wait');
  });

  it('wait on when the backend’s clock says so, and begin anew when it is too late for it', async () => {
    await codes.advance();
    // This page's clock runs ahead of the backend's.
    expect(await codes.advance(Date.now() + 25_000)).toBe(false);
    expect(stage()).toBe('wait');
    vi.setSystemTime(new Date('2026-11-23T10:01:01Z'));
    // It runs behind.
    expect(await codes.advance(Date.now() - 10_000)).toBe(false);
    expect(stage()).toBe('late');
  });

  it('say why nothing was copied, and try again', async () => {
    fake.fail('copyEnrolmentCode', { code: 'no-clipboard' });
    expect(await codes.advance()).toBe(false);
    expect(codes.problem).toEqual({ code: 'no-clipboard' });
    fake.fail('copyEnrolmentCode', null);
    expect(await codes.advance()).toBe(true);
    expect(codes.problem).toBeNull();
  });
});
