import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import type { FakeOptions } from '$lib/api/fake/backend';
import { dialogs } from '$lib/components/dialogs.svelte';
import { toasts } from '$lib/components/toasts.svelte';
import MainWindow from './MainWindow.svelte';
import { vault } from './vault.svelte';

let fake: Fake;

async function open(options: FakeOptions = {}): Promise<void> {
  fake = new Fake({ accounts: 3, ...options });
  use(fake);
  render(MainWindow);
  await waitFor(() => expect(vault.accounts).toHaveLength(options.accounts ?? 3));
}

/** Goes to robin.mason of the first account, who has a password, a device and a key. */
async function openRobin(): Promise<void> {
  await userEvent.click(await screen.findByRole('option', { name: /Payments production/ }));
  await userEvent.click(await screen.findByRole('option', { name: /robin\.mason/ }));
  await screen.findByRole('heading', { name: 'robin.mason' });
}

const robin = () => fake.identities.find((one) => one.name === 'robin.mason');
const dialog = (name: string) => screen.findByRole('dialog', { name });
const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));

beforeEach(() => {
  // jsdom has no layout: nothing scrolls.
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  vi.useRealTimers();
  dialogs.clear();
  cleanup();
  toasts.clear();
  Object.assign(vault, { accountId: null, identityId: null, account: null, identity: null, accounts: null });
  vault.go('accounts');
});

describe('the main window', () => {
  it('shows the ways to begin when the vault is empty', async () => {
    await open({ accounts: 0, sessions: false });
    await userEvent.click(await screen.findByRole('button', { name: /Add an account/ }));
    const form = within(await dialog('Add account'));
    await userEvent.type(form.getByLabelText('Account id'), '12');
    await userEvent.click(form.getByRole('button', { name: 'Add account' }));
    expect(await form.findByText(/has 12 digits/)).toBeVisible();
    expect(form.getByLabelText('Account id')).toHaveValue('12');
    await userEvent.type(form.getByLabelText('Account id'), '34-5678-9012');
    await userEvent.click(form.getByRole('button', { name: 'Add account' }));
    expect(await screen.findByRole('heading', { name: 'Account details' })).toBeVisible();
    expect(fake.accounts[0]?.row.account_id).toBe('123456789012');
  });

  it('leads to the account that is in the vault already', async () => {
    await open();
    await userEvent.keyboard('{Control>}n{/Control}');
    const form = within(await dialog('Add account'));
    await userEvent.type(form.getByLabelText('Account id'), fake.accounts[1]?.row.account_id ?? '');
    await userEvent.click(form.getByRole('button', { name: 'Add account' }));
    await userEvent.click(await form.findByRole('button', { name: 'Open it' }));
    expect(await screen.findByRole('heading', { name: 'Payments staging' })).toBeVisible();
  });

  it('copies a code in the backend and marks it as used', async () => {
    // Early in a time step: near its end the next code is copied instead.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 2, 3, 4, 5) });
    await open();
    await openRobin();
    const code = await screen.findByTestId('code');
    expect(code.textContent).toMatch(/^\d{3} \d{3}$/);
    await press('Copy code');
    expect(fake.copied?.kind).toBe('code');
    expect(await screen.findByText('Used')).toBeVisible();
    expect(await screen.findByText(/Code copied. Clears in 30 seconds/)).toBeVisible();
  });

  it('gets a session with MFA and copies it as another format', async () => {
    await open({ sessions: false });
    await openRobin();
    await press('Get session');
    expect(await screen.findByRole('article', { name: /Session of robin.mason/ })).toBeVisible();
    expect(fake.liveSessions[0]).toMatchObject({ device: 'robin.mason', durationSecs: 43_200 });
    await press('Copy session as');
    await userEvent.click(screen.getByRole('menuitem', { name: /fish/ }));
    expect(fake.copied).toMatchObject({ kind: 'session', format: 'fish' });
  });

  it('says beside the key why AWS refused, with AWS’s own code', async () => {
    await open({ sessions: false });
    await openRobin();
    const host = 'sts.amazonaws.com';
    const rest = {
      aws_code: 'AccessDenied',
      aws_message: 'invalid MFA one time pass code',
      clock_offset_secs: 0,
      host,
    };
    fake.fail('getSession', { code: 'aws', kind: 'wrong-or-reused-code', ...rest });
    await press('Get session');
    const key = within(screen.getByRole('article', { name: /Access key AKIA/ }));
    expect(await key.findByText('AWS did not take the MFA code')).toBeVisible();
    expect(key.getByText(/AccessDenied: invalid MFA/)).toBeVisible();
  });

  it.each([
    ['Ctrl+K', () => userEvent.keyboard('{Control>}k{/Control}')],
    ['a slash', () => userEvent.keyboard('/')],
    ['the button', () => press('Search')],
  ])('opens quick search with %s', async (_, open_) => {
    await open();
    fake.quick.visible = false;
    await open_();
    await waitFor(() => expect(fake.quick.visible).toBe(true));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('says why quick search does not open', async () => {
    await open();
    fake.fail('showQuick', { code: 'internal' });
    await userEvent.keyboard('{Control>}k{/Control}');
    expect(await screen.findByText(/Something went wrong inside Undercroft/)).toBeVisible();
  });

  it('asks for the codes again when it gets the focus, as one may have been given out elsewhere', async () => {
    // No code ends meanwhile, which is asked for again, too.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 2, 3, 4, 5) });
    await open();
    await openRobin();
    await screen.findByTestId('code');
    const asked = (): number => fake.calls.filter((one) => one === 'codes').length;
    const before = asked();
    window.dispatchEvent(new Event('focus'));
    await waitFor(() => expect(asked()).toBe(before + 1));
  });

  it('begins a sign-in step by step from the identity', async () => {
    await open();
    await openRobin();
    await press('Sign in step by step');
    expect(fake.quick.signIn).toMatchObject({ name: 'robin.mason', next: 0 });
  });

  it('goes by key into sessions and settings', async () => {
    await open();
    await userEvent.keyboard('{Control>},{/Control}');
    expect(screen.getByRole('heading', { name: 'Settings' })).toHaveFocus();
    await userEvent.keyboard('{Control>}2{/Control}');
    expect(screen.getByRole('heading', { name: 'Sessions' })).toHaveFocus();
  });

  it('pins an identity by its name', async () => {
    await open();
    await openRobin();
    const pinned = robin()?.favourite ?? false;
    await press(pinned ? 'Unpin robin.mason' : 'Pin robin.mason');
    expect(await screen.findByRole('button', { name: pinned ? 'Pin robin.mason' : 'Unpin robin.mason' })).toBeVisible();
  });

  it('turns to what was chosen outside of the window', async () => {
    await open();
    const who = robin();
    fake.quick.tellShowItem({ item: who?.id ?? '', account: who?.account ?? '', is_profile: false });
    expect(await screen.findByRole('heading', { name: 'robin.mason' })).toBeVisible();
    const account = fake.accounts[1]?.id ?? '';
    fake.quick.tellShowItem({ item: account, account, is_profile: false });
    expect(await screen.findByRole('heading', { name: 'Account details' })).toBeVisible();
  });

  it('bins with a way back', async () => {
    await open();
    await openRobin();
    await press('More for this identity');
    await userEvent.click(screen.getByRole('menuitem', { name: 'Move to bin' }));
    await waitFor(() => expect(screen.queryByRole('heading', { name: 'robin.mason' })).toBeNull());
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(await screen.findByRole('option', { name: /robin\.mason/ })).toBeVisible();
  });

  it('locks by button and by key', async () => {
    await open();
    await press('Lock the vault');
    expect(fake.locked).toBe(true);
    fake.locked = false;
    await userEvent.keyboard('{Control>}l{/Control}');
    await waitFor(() => expect(fake.locked).toBe(true));
  });

  it('asks for the password in its own window', async () => {
    await open();
    await press('Settings');
    await press('Change password');
    expect(fake.asked).toEqual({ kind: 'change-password' });
    await press('New recovery key');
    await waitFor(() => expect(fake.asked).toMatchObject({ action: { kind: 'new-recovery-key' } }));
    expect(document.querySelector('input[type=password]')).toBeNull();
  });

  it('shows and mends a failed save', async () => {
    await open({ notices: [{ kind: 'unsaved', error: { code: 'disk-full', path: '/vault' } }] });
    expect(await screen.findByText(/Your last change is not saved/)).toBeVisible();
    await press('Save now');
    await waitFor(() => expect(screen.queryByText(/Your last change is not saved/)).toBeNull());
  });

  it('keeps no secret on the page longer than it is shown or typed', async () => {
    await open();
    await openRobin();
    const password = robin()?.password?.value ?? '';
    const everywhere = (): string =>
      document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((one) => one.value).join();
    await press('Show password');
    await screen.findByText(password);
    await press('Hide password');
    expect(everywhere()).not.toContain(password);

    await press('More for the password');
    await userEvent.click(screen.getByRole('menuitem', { name: 'Change' }));
    const form = within(await dialog('Change password'));
    const typed = 'typed-once-and-gone';
    const input = form.getByLabelText<HTMLInputElement>('Password');
    await userEvent.type(input, typed);
    await userEvent.click(form.getByRole('button', { name: 'Save password' }));
    await waitFor(() => expect(robin()?.password?.value).toBe(typed));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(everywhere()).not.toContain(typed);
    expect(input.value).toBe('');
  });

  it('keeps what was typed when saving a key is refused', async () => {
    await open();
    await openRobin();
    await press('Add access key');
    const form = within(await dialog('Add access key'));
    await userEvent.type(form.getByLabelText('Access key id'), 'AKIAIOSFODNN7EXAMPLE');
    await userEvent.type(form.getByLabelText('Secret access key'), 'wJalrXUtnFEMI');
    fake.fail('saveAccessKey', { code: 'too-many', limit: 2 });
    await userEvent.click(form.getByRole('button', { name: 'Add access key' }));
    expect(await form.findByText('No more than 2 fit')).toBeVisible();
    expect(form.getByLabelText('Access key id')).toHaveValue('AKIAIOSFODNN7EXAMPLE');
    expect(form.getByLabelText('Secret access key')).toHaveValue('wJalrXUtnFEMI');
  });

  it.each(['sessions', 'activity', 'bin', 'settings', 'accounts'] as const)(
    'has no accessibility fault in %s',
    async (place) => {
      await open({ notices: [{ kind: 'strengthened' }] });
      if (place === 'accounts') await openRobin();
      else vault.go(place);
      await screen.findAllByRole('heading', { level: 2 });
      // Colours and sizes need a real window; they are checked there.
      const rules = { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } };
      const { violations } = await axe.run(document.body, { rules });
      expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    },
  );
});
