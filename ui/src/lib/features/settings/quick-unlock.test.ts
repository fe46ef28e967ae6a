import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { toasts } from '$lib/components/toasts.svelte';
import ToastRegion from '$lib/components/ToastRegion.svelte';
import { vault } from '$lib/features/window/vault.svelte';
import PasswordSection from './PasswordSection.svelte';

let fake: Fake;
let end: () => void = () => undefined;

async function open(prepare: (fake: Fake) => void = () => undefined): Promise<void> {
  fake = new Fake({ accounts: 1, sessions: false });
  prepare(fake);
  use(fake);
  end = vault.start();
  render(PasswordSection);
  render(ToastRegion);
  await waitFor(() => expect(vault.overview).not.toBeNull());
}

const toggle = () => screen.getByRole('switch', { name: 'Quick unlock until I log out' });

afterEach(() => {
  end();
  cleanup();
  toasts.clear();
  vault.overview = null;
});

describe('quick unlock', () => {
  it('is off, and says what it costs before it is switched on', async () => {
    await open();
    expect(toggle()).not.toBeChecked();
    expect(screen.getByText('anyone at your unlocked desktop')).toBeVisible();
    expect(screen.getByText('any program that runs as you')).toBeVisible();
    expect(screen.getByText(/still ask for the master password/)).toBeVisible();
  });

  it('asks for the master password in its window, and is on when that was typed', async () => {
    await open();
    await userEvent.click(toggle());
    const mode = { kind: 'confirm', action: { kind: 'switch-on-quick-unlock' } };
    await waitFor(() => expect(fake.asked).toEqual(mode));
    expect(toggle()).not.toBeChecked();
    fake.quickUnlock = 'until-logout';
    fake.tellChanged();
    await waitFor(() => expect(toggle()).toBeChecked());
  });

  it('is switched off at once', async () => {
    await open((made) => (made.quickUnlock = 'until-logout'));
    await waitFor(() => expect(toggle()).toBeChecked());
    await userEvent.click(toggle());
    await waitFor(() => expect(toggle()).not.toBeChecked());
    expect(fake.asked).toBeNull();
    expect(fake.quickUnlock).toBe('off');
  });

  it('stays on when that can’t be changed', async () => {
    await open((made) => (made.quickUnlock = 'until-logout'));
    await waitFor(() => expect(toggle()).toBeChecked());
    fake.fail('switchOffQuickUnlock', { code: 'open-for-reading' });
    await userEvent.click(toggle());
    expect(await screen.findByText(/open for reading only/)).toBeVisible();
    expect(toggle()).toBeChecked();
  });

  it('can’t be switched on where no keyring ends with the session, but off', async () => {
    await open((made) => (made.hasKeychain = false));
    expect(toggle()).toHaveAttribute('aria-disabled', 'true');
    expect(toggle()).toHaveAccessibleDescription(/no keyring/);
    await userEvent.click(toggle());
    expect(fake.asked).toBeNull();
    fake.quickUnlock = 'until-logout';
    fake.tellChanged();
    await waitFor(() => expect(toggle()).toBeChecked());
    await userEvent.click(toggle());
    await waitFor(() => expect(fake.quickUnlock).toBe('off'));
  });
});
