import { cleanup, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import type { ActivityView } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { toasts } from '$lib/components/toasts.svelte';
import ActivityPlace from './ActivityPlace.svelte';

/** Colours are checked in the real window, and the place stands in a landmark there. */
const RULES = { 'color-contrast': { enabled: false }, region: { enabled: false } };
let fake: Fake;

const entry = (over: Partial<ActivityView>): ActivityView => ({
  at: new Date(Date.now() - 7_200_000).toISOString(),
  last_at: new Date(Date.now() - 7_200_000).toISOString(),
  count: 1,
  program: 'aws',
  path: '/usr/local/bin/aws',
  script: null,
  verb: 'credential-process',
  of: 'payments',
  account: '123456789012',
  outcome: 'fetched',
  failure: null,
  ...over,
});

const options = () => screen.getAllByRole('option').filter((one) => one.closest('[role=listbox]'));

beforeEach(() => {
  fake = new Fake({ accounts: 1 });
  fake.programs.log.entries = [
    entry({ count: 12, outcome: 'cached' }),
    entry({ program: 'terraform', path: '/opt/terraform', outcome: 'denied' }),
    entry({ program: 'python3', script: '/home/robin/deploy.py', of: 'staging', outcome: 'failed', failure: 'aws' }),
  ];
  use(fake);
});

afterEach(() => {
  cleanup();
  toasts.clear();
});

describe('the activity', () => {
  it('is listed as it came, with the exact time on hover and repeats counted', async () => {
    render(ActivityPlace);
    await screen.findByRole('listbox', { name: 'Activity' });
    expect(options()).toHaveLength(3);
    expect(options()[0]).toHaveTextContent(/2 hours ago aws payments × 12 From cache/);
    expect(options()[2]).toHaveTextContent(/python3 · deploy\.py/);
    expect(within(options()[0]!).getByText('2 hours ago').getAttribute('title')).toMatch(/\d{4} at \d\d:\d\d:\d\d/);
    const found = await axe.run(document.body, { rules: RULES });
    expect(found.violations.map((one) => one.id)).toEqual([]);
  });

  it('is narrowed by text, program, profile and outcome', async () => {
    render(ActivityPlace);
    await screen.findByRole('listbox', { name: 'Activity' });
    await userEvent.type(screen.getByLabelText('Filter'), 'DEPLOY.py');
    expect(options()).toHaveLength(1);
    await userEvent.clear(screen.getByLabelText('Filter'));
    await userEvent.selectOptions(screen.getByLabelText('Program'), 'terraform');
    expect(options()[0]).toHaveTextContent('terraform');
    await userEvent.selectOptions(screen.getByLabelText('Outcome'), 'failed');
    expect(screen.getByText('Nothing matches')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filter' }));
    await userEvent.selectOptions(screen.getByLabelText('Profile'), 'staging');
    expect(options()).toHaveLength(1);
    expect(screen.getByRole('status')).toHaveTextContent('1 of 3 entries');
  });

  it('tells all that is known of the chosen entry', async () => {
    render(ActivityPlace);
    await screen.findByRole('listbox', { name: 'Activity' });
    await userEvent.click(options()[2]!);
    expect(options()[2]).toHaveTextContent(/1234-5678-9012 · \/usr\/local\/bin\/aws · \/home\/robin\/deploy\.py/);
    expect(options()[2]).toHaveTextContent(/· aws ·/);
  });

  it('is written where the user says', async () => {
    render(ActivityPlace);
    await userEvent.click(await screen.findByRole('button', { name: /Export/ }));
    expect(fake.calls).toContain('exportActivity');
  });

  it('says what will be here, and when it was changed from outside', async () => {
    fake.programs.log = { entries: [], dropped: 0, is_whole: false };
    render(ActivityPlace);
    expect(await screen.findByText('Nothing was asked for yet')).toBeVisible();
    expect(screen.getByText('The log was tampered with')).toBeVisible();
    expect(screen.queryByRole('button', { name: /Export/ })).toBeNull();
  });
});
