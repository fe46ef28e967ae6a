import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import type { UiError } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { dialogs } from '$lib/components/dialogs.svelte';
import { toasts } from '$lib/components/toasts.svelte';
import MainWindow from '$lib/features/window/MainWindow.svelte';
import { vault } from '$lib/features/window/vault.svelte';

/** Colours, sizes and landmarks are checked in the real window. */
const RULES = {
  'color-contrast': { enabled: false },
  'target-size': { enabled: false },
  'landmark-no-duplicate-banner': { enabled: false },
  'landmark-unique': { enabled: false },
};
let fake: Fake;

async function open(filled = true): Promise<void> {
  fake = new Fake({ accounts: 3, sessions: false });
  if (filled) fake.profiles.fill();
  use(fake);
  render(MainWindow);
  await userEvent.click(await screen.findByRole('option', { name: /Payments production/ }));
  await screen.findByRole('heading', { name: 'Profiles' });
}

async function show(name: string): Promise<void> {
  const list = within(await screen.findByRole('listbox', { name: 'Profiles' }));
  await userEvent.click(list.getByRole('option', { name: new RegExp(`^${name} `) }));
  await screen.findByRole('heading', { name });
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));
const dialog = (name: string) => screen.findByRole('dialog', { name });

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: RULES });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

beforeEach(() => {
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  dialogs.clear();
  cleanup();
  toasts.clear();
  vault.openDetails(false);
  Object.assign(vault, { accountId: null, account: null, accounts: null, profiles: [] });
  vault.go('accounts');
});

describe('profiles of an account', () => {
  it('are listed where they act, the pinned one on top, with the time that is left', async () => {
    await open();
    const list = within(screen.getByRole('listbox', { name: 'Profiles' }));
    const names = list.getAllByRole('option').map((one) => one.textContent?.trim().split(/\s+/)[0]);
    expect(names[0]).toBe('payments-admin');
    expect(names).not.toContain('staging-deploy');
    expect(list.getByRole('option', { name: /payments-admin Role ?admin.*(19|20) min left/ })).toBeVisible();
  });

  it('show the way with code and limit, and why it is no longer', async () => {
    await open();
    await userEvent.click(screen.getByRole('option', { name: /Payments staging/ }));
    await show('staging-deploy');
    expect(screen.getByText(/code of robin\.mason/)).toBeVisible();
    expect(screen.getByText(/chained, so at most 1 hour; assume directly with MFA for up to 12 hours/)).toBeVisible();
    const calls = screen.getAllByText(/^(GetSessionToken|AssumeRole)$/).map((one) => one.textContent);
    expect(calls).toEqual(['GetSessionToken', 'AssumeRole']);
  });

  it('give a session that is copied, and one for reading only', async () => {
    await open();
    await show('payments-admin');
    await press('Read-only for 15 minutes');
    await waitFor(() => expect(fake.liveSessions.some((one) => one.durationSecs === 900)).toBe(true));
    const rows = await screen.findAllByRole('article', { name: /Session of payments-admin/ });
    await userEvent.click(within(rows[0]!).getByRole('button', { name: 'Copy session' }));
    expect(fake.copied?.kind).toBe('session');
  });

  it('can be for reading only where AWS takes a session policy', async () => {
    await open();
    await show('payments');
    expect(screen.queryByRole('button', { name: /Read-only/ })).toBeNull();
    await show('payments-key');
    expect(screen.queryByRole('button', { name: 'Get session' })).toBeNull();
    expect(screen.getByText('Programs get the key itself')).toBeVisible();
  });

  it('name the call that failed, with AWS’s own code', async () => {
    await open();
    await show('payments-admin');
    const error: UiError = {
      code: 'aws',
      kind: 'access-denied',
      aws_code: 'AccessDenied',
      aws_message: 'not authorized to perform: sts:AssumeRole',
      clock_offset_secs: null,
      host: 'sts.amazonaws.com',
    };
    fake.fail('getProfileSession', { code: 'at-link', at: 'AssumeRole for arn:aws:iam::1:role/admin', error });
    await press('New session');
    expect(await screen.findByText('AssumeRole for arn:aws:iam::1:role/admin failed')).toBeVisible();
    expect(screen.getByText(/AccessDenied: not authorized/)).toBeVisible();
  });

  it('go to the bin and come back', async () => {
    await open();
    await show('payments');
    await press('More for this profile');
    await userEvent.click(screen.getByRole('menuitem', { name: 'Move to bin' }));
    await waitFor(() => expect(screen.queryByRole('heading', { name: 'payments' })).toBeNull());
    await press('Bin');
    await userEvent.click(await screen.findByRole('button', { name: 'Restore' }));
    await waitFor(() => expect(fake.profiles.living()).toHaveLength(5));
  });

  it('open the console at once, or at a service and in a region', async () => {
    await open();
    await show('payments-admin');
    await press('Open console');
    await waitFor(() => expect(fake.profiles.opened).toHaveLength(1));
    expect(toasts.list.at(-1)?.text).toBe('The console opens in the browser as payments-admin.');
    await press('Service and region…');
    const form = within(await dialog('Open the console as payments-admin'));
    await userEvent.type(form.getByLabelText(/Service/), 'S3 buckets');
    await userEvent.click(form.getByRole('button', { name: 'Open console' }));
    expect(await form.findByText(/written as in the console’s addresses/)).toBeVisible();
    expect(await violations()).toEqual([]);
    await userEvent.clear(form.getByLabelText(/Service/));
    await userEvent.type(form.getByLabelText(/Service/), 's3');
    await userEvent.type(form.getByLabelText(/Region/), 'eu-west-1{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(fake.profiles.opened.at(-1)).toMatchObject({ service: 's3', region: 'eu-west-1' });
  });

  it('copy the console’s address for another browser', async () => {
    await open();
    await show('payments-admin');
    await press('Service and region…');
    await userEvent.click(
      within(await dialog('Open the console as payments-admin')).getByRole('button', { name: 'Copy address' }),
    );
    await waitFor(() =>
      expect(toasts.list.at(-1)?.text).toMatch(/^Console address of payments-admin copied\. Clears in 30/),
    );
    expect(fake.profiles.opened).toEqual([]);
  });

  it('say why there is no console, and offer a federated user of the same key', async () => {
    await open();
    await show('payments');
    expect(screen.queryByRole('button', { name: 'Open console' })).toBeNull();
    expect(screen.getByText(/none of a user’s session/)).toBeVisible();
    await press('Add federated user…');
    const form = within(await dialog('Add profile'));
    expect(form.getByRole('radio', { name: /Federated user/ })).toBeChecked();
    expect(form.getByLabelText(/Federated name/)).toBeVisible();
  });

  it('say when no browser came', async () => {
    await open();
    await show('payments-admin');
    fake.fail('openConsole', { code: 'browser-late' });
    await press('Open console');
    expect(await screen.findByText('The browser did not come for the page')).toBeVisible();
  });

  it('have no accessibility trouble', async () => {
    await open();
    await show('payments-admin');
    expect(await violations()).toEqual([]);
  });
});

describe('the form of a profile', () => {
  it('makes a role with MFA and opens it', async () => {
    await open(false);
    await press('Add profile');
    const form = within(await dialog('Add profile'));
    await userEvent.click(form.getByRole('radio', { name: /Role/ }));
    await userEvent.type(form.getByLabelText('Name'), 'deploy');
    const number = fake.accounts[0]?.row.account_id ?? '';
    await userEvent.type(form.getByLabelText('Role ARN'), `arn:aws:iam::${number}:role/deploy`);
    await waitFor(() => expect(form.getByText('AssumeRole')).toBeVisible());
    await userEvent.click(form.getByRole('button', { name: 'Add profile' }));
    expect(await screen.findByRole('heading', { name: 'deploy' })).toBeVisible();
    expect(fake.profiles.all[0]?.draft).toMatchObject({ kind: 'role', source: null });
    expect(fake.profiles.all[0]?.draft.identity).not.toBeNull();
  });

  it('refuses an impossible duration while it is typed, beside its field', async () => {
    await open();
    await press('Add profile');
    const form = within(await dialog('Add profile'));
    await userEvent.click(form.getByRole('radio', { name: /Role/ }));
    await userEvent.selectOptions(form.getByLabelText('Assume it with'), 'profile');
    const source = form.getByLabelText('Profile');
    await userEvent.selectOptions(source, within(source).getByRole('option', { name: /^payments · Session/ }));
    const number = fake.accounts[0]?.row.account_id ?? '';
    await userEvent.type(form.getByLabelText('Role ARN'), `arn:aws:iam::${number}:role/deploy`);
    await userEvent.click(form.getByText('More'));
    await userEvent.type(form.getByLabelText('Duration'), '2h');
    expect(await form.findByText(/^Chained, so at most 1 hour; assume the role directly/)).toBeVisible();
    expect(form.getByLabelText('Duration')).toHaveAttribute('aria-invalid', 'true');
  });

  it('warns of a long-term key', async () => {
    await open(false);
    await press('Add profile');
    const form = within(await dialog('Add profile'));
    expect(form.queryByText(/given away for good/)).toBeNull();
    await userEvent.click(form.getByRole('radio', { name: /Long-term key/ }));
    expect(form.getByText(/given away for good/)).toBeVisible();
  });

  it('shows what a profile is made of when it is edited', async () => {
    await open();
    await show('payments-audit');
    await press('Edit profile');
    const form = within(await dialog('Edit profile'));
    expect(form.getByRole('radio', { name: /Federated user/ })).toBeChecked();
    expect(form.getByLabelText('Federated name')).toHaveValue('robin');
    expect(form.getByLabelText('Managed policies')).toHaveValue('arn:aws:iam::aws:policy/SecurityAudit');
    await waitFor(() => expect(form.getByText('GetFederationToken')).toBeVisible());
    expect(await violations()).toEqual([]);
  });
});
