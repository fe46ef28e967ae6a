import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Making } from './making.svelte';

const KEY = (): string => 'AKIAIOSFODNN7EXAMPLE';

describe('making a device at AWS', () => {
  let fake: Fake;
  let user: string;
  beforeEach(() => {
    vi.useFakeTimers();
    fake = new Fake({ accounts: 2 });
    use(fake);
    user = fake.identities.find((one) => one.kind === 'iam-user')?.id ?? '';
  });
  afterEach(() => vi.useRealTimers());

  it('goes through all steps, waiting where it is told to', async () => {
    const making = new Making(user, KEY);
    const done = making.begin('laptop');
    await vi.advanceTimersByTimeAsync(100);
    expect(making.stage).toBe('enabled');
    expect(making.waitsUntil).not.toBeNull();
    await vi.advanceTimersByTimeAsync(2000);
    await done;
    expect(making.stage).toBe('done');
    expect(making.busy).toBe(false);
    expect((await fake.commands.identity(user)).half_made).toBeNull();
  });

  it('stops when its window goes, and another one finishes it', async () => {
    const making = new Making(user, KEY);
    const begun = making.begin('laptop');
    await vi.advanceTimersByTimeAsync(100);
    making.end();
    await begun;
    const left = (await fake.commands.identity(user)).half_made;
    expect(left).toMatchObject({ name: 'laptop', stage: 'enabled' });
    const again = new Making(user, KEY, left?.stage);
    await again.goOn();
    expect(again.stage).toBe('done');
  });

  it('shows what IAM denies and stays where it was', async () => {
    const denied = { aws_message: null, policy: '{"Version"}', needs_mfa_session: false, host: 'iam.amazonaws.com' };
    fake.enrolment.problems.push({ code: 'iam-denied', ...denied });
    const making = new Making(user, KEY);
    await making.begin('laptop');
    expect(making.problem).toMatchObject({ code: 'iam-denied', policy: '{"Version"}' });
    expect(making.stage).toBe('name');
    expect((await fake.commands.identity(user)).half_made).toBeNull();
  });

  it('goes on with what AWS may have made where the answer was lost', async () => {
    fake.enrolment.problems.push({
      code: 'aws',
      kind: 'unreachable',
      aws_code: null,
      aws_message: null,
      host: 'iam.amazonaws.com',
      clock_offset_secs: null,
    });
    const making = new Making(user, KEY);
    await making.begin('laptop');
    expect(making.problem).toMatchObject({ kind: 'unreachable' });
    expect(making.stage).toBe('intent');
    const gone = making.goOn();
    await vi.advanceTimersByTimeAsync(2000);
    await gone;
    expect(making.stage).toBe('done');
  });

  it('begins anew with another name where nothing is left to go on with', async () => {
    const making = new Making(user, KEY, 'intent');
    fake.enrolment.problems.push({
      code: 'aws',
      kind: 'delete-conflict',
      aws_code: 'DeleteConflict',
      aws_message: null,
      host: 'iam.amazonaws.com',
      clock_offset_secs: 0,
    });
    await making.goOn();
    expect(making.problem).toMatchObject({ kind: 'delete-conflict' });
    expect(making.stage).toBe('name');
  });

  it('keeps an enabled device that could not be tried, when it is told to', async () => {
    fake.enrolment.halfMade.set(user, { name: 'laptop', device: 'd', stage: 'enabled' });
    const making = new Making(user, KEY, 'enabled');
    await making.finishUnproven();
    expect(making.stage).toBe('done');
  });
});
