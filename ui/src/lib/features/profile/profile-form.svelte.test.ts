import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure, use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { ProfileForm } from './profile-form.svelte';
import { emptyDraft } from '$lib/api/empty-draft';

let fake: Fake;
const robin = () => fake.identities.find((one) => one.name === 'robin.mason')?.id ?? '';
const paused = () => vi.advanceTimersByTimeAsync(300);

beforeEach(() => {
  vi.useFakeTimers();
  fake = new Fake({ accounts: 2 });
  use(fake);
});
afterEach(() => vi.useRealTimers());

describe('a profile that is typed', () => {
  it('shows its way before it has a name', async () => {
    const form = new ProfileForm({ ...emptyDraft('session'), identity: robin() });
    form.look();
    await paused();
    expect(form.way?.steps.map((step) => [step.call_name, step.device])).toEqual([['GetSessionToken', 'robin.mason']]);
    expect(form.message('name')).toBeUndefined();
  });

  it('asks once for many changes', async () => {
    const form = new ProfileForm({ ...emptyDraft('session'), identity: robin() });
    for (let changes = 0; changes < 5; changes += 1) form.look();
    await paused();
    expect(fake.calls.filter((name) => name === 'profileWay')).toHaveLength(1);
  });

  it('drops an answer that a later change has overtaken', async () => {
    const form = new ProfileForm({ ...emptyDraft('session'), identity: robin() });
    const answers: (() => void)[] = [];
    const slow = vi.spyOn(fake.commands, 'profileWay').mockImplementation(
      (draft) =>
        new Promise((resolve) => {
          const step = { of: draft.duration } as never;
          answers.push(() => resolve({ key: null, steps: [step] }));
        }),
    );
    form.draft.duration = '1h';
    form.look();
    await paused();
    form.draft.duration = '2h';
    form.look();
    await paused();
    expect(slow).toHaveBeenCalledTimes(2);
    answers[1]?.();
    answers[0]?.();
    await paused();
    expect(form.way?.steps[0]?.of).toBe('2h');
  });

  it('says what is wrong only beside what is typed, until it is sent', async () => {
    const form = new ProfileForm({ ...emptyDraft('role'), role: 'arn:nonsense' });
    form.look();
    await paused();
    expect(form.message('role')).toMatch(/arn:aws:iam/);
    expect(form.message('source', 'identity')).toBeUndefined();
    expect(await form.save()).toBeNull();
    expect(form.message('source')).toMatch(/choose an identity/i);
    expect(form.message('name')).toBeDefined();
    expect(form.draft.role).toBe('arn:nonsense');
  });

  it('takes back what it said when that is mended', async () => {
    const form = new ProfileForm({ ...emptyDraft('session'), identity: robin() });
    await form.save();
    expect(form.message('name')).toBeDefined();
    form.draft.name = 'payments';
    form.look();
    await paused();
    expect(form.message('name')).toBeUndefined();
    expect(form.form.problem).toBeNull();
  });

  it('keeps apart what stands in the way of it', async () => {
    const problem = { code: 'profile-unusable', reason: { kind: 'no-key', identity: 'sam' } } as const;
    vi.spyOn(fake.commands, 'profileWay').mockRejectedValue(new Failure(problem));
    const form = new ProfileForm({ ...emptyDraft('session'), identity: robin() });
    form.look();
    await paused();
    expect(form.obstacle).toEqual(problem);
  });
});
