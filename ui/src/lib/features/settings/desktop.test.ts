import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import type { DesktopView } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { toasts } from '$lib/components/toasts.svelte';
import ToastRegion from '$lib/components/ToastRegion.svelte';
import { vault } from '$lib/features/window/vault.svelte';
import SettingsPlace from './SettingsPlace.svelte';
import { pressed } from './shortcut-keys';

let fake: Fake;
let end: () => void = () => undefined;

async function open(desktop: Partial<DesktopView> = {}): Promise<void> {
  fake = new Fake({ accounts: 3, sessions: false });
  fake.quick.desktop = { ...fake.quick.desktop, ...desktop };
  use(fake);
  end = vault.start();
  render(SettingsPlace);
  render(ToastRegion);
  await screen.findByText('Opens the quick search from any program.', { exact: false });
}

const toggle = (name: string) => screen.getByRole('switch', { name });
const button = (name: string | RegExp) => screen.getByRole('button', { name });

afterEach(() => {
  end();
  cleanup();
  toasts.clear();
  vault.overview = null;
});

describe('locking', () => {
  it('goes with screen and sleep, and warns where it does not', async () => {
    await open();
    await userEvent.click(toggle('Lock with the screen'));
    expect(await screen.findByText(/stays open behind the locked screen/)).toBeVisible();
    expect(fake.settings).toMatchObject({ locks_with_screen: false, locks_on_sleep: true });
    await userEvent.click(toggle('Lock on sleep'));
    expect(await screen.findByText(/stay in memory while the machine sleeps/)).toBeVisible();
    expect(fake.settings).toMatchObject({ locks_with_screen: false, locks_on_sleep: false });
  });

  it('stays as it was when that can’t be saved', async () => {
    await open();
    fake.fail('saveSettings', { code: 'read-only', path: '/vault' });
    await userEvent.click(toggle('Lock on sleep'));
    expect(await screen.findByText('Nothing can be written there')).toBeVisible();
    expect(toggle('Lock on sleep')).toBeChecked();
  });
});

describe('the browser for the console', () => {
  it('is a command, or the system’s', async () => {
    await open();
    const field = screen.getByLabelText(/Browser for the console/);
    expect(screen.queryByRole('button', { name: 'Save browser' })).toBeNull();
    await userEvent.type(field, 'firefox -P "work');
    await userEvent.click(button('Save browser'));
    expect(await screen.findByText(/quote does not close/i)).toBeVisible();
    await userEvent.type(field, '"{Enter}');
    await waitFor(() => expect(fake.quick.desktop.browser).toBe('firefox -P "work"'));
    expect(await screen.findByText('The console opens with this command.')).toBeVisible();
    await userEvent.clear(field);
    await userEvent.click(button('Save browser'));
    await waitFor(() => expect(fake.quick.desktop.browser).toBeNull());
  });
});

describe('the desktop', () => {
  it('keeps the app in the tray and starts it at login', async () => {
    await open();
    await userEvent.click(toggle('Stay in the tray when the window is closed'));
    await waitFor(() => expect(fake.settings.keeps_window_on_close).toBe(false));
    await userEvent.click(toggle('Start at login'));
    await waitFor(() => expect(toggle('Start at login')).toBeChecked());
    fake.fail('setStartsAtLogin', { code: 'start-at-login', detail: 'Permission denied' });
    await userEvent.click(toggle('Start at login'));
    expect(await screen.findByText('Starting at login could not be changed')).toBeVisible();
    expect(toggle('Start at login')).toBeChecked();
  });

  it('explains that without a tray closing quits', async () => {
    await open({ tray: false, starts_at_login: null });
    const keeps = toggle('Stay in the tray when the window is closed');
    expect(keeps).not.toBeChecked();
    expect(keeps).toHaveAttribute('aria-disabled', 'true');
    expect(keeps).toHaveAccessibleDescription(/closing the window quits/);
    await userEvent.click(keeps);
    expect(fake.calls).not.toContain('saveSettings');
    expect(screen.queryByRole('switch', { name: 'Start at login' })).toBeNull();
  });
});

describe('the recorder of the shortcut', () => {
  const recorder = () => screen.findByRole('button', { name: 'Press the keys…' });

  it('takes the keys that are pressed', async () => {
    await open();
    const user = userEvent.setup();
    expect(screen.getByText('Active')).toBeVisible();
    await user.click(button('Change'));
    expect(await recorder()).toHaveFocus();
    expect(await recorder()).toHaveAccessibleDescription(/Escape cancels/);
    await user.keyboard('x');
    expect(screen.getByText(/These keys alone can’t be a shortcut/)).toBeVisible();
    await user.keyboard('{Control>}{Alt>}');
    expect(button('Ctrl + Alt + …')).toHaveFocus();
    await user.keyboard('k{/Alt}{/Control}');
    await waitFor(() => expect(fake.quick.desktop.shortcut).toBe('Ctrl+Alt+K'));
    expect(await screen.findByText('Ctrl+Alt+K')).toBeVisible();
    expect(button('Change')).toHaveFocus();
  });

  it('is left by Escape and by Tab without a change', async () => {
    await open();
    await userEvent.click(button('Change'));
    await recorder();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(button('Change')).toHaveFocus());
    await userEvent.click(button('Change'));
    await recorder();
    await userEvent.tab();
    await waitFor(() => expect(button('Change')).toBeVisible());
    expect(fake.calls).not.toContain('setShortcut');
  });

  it('says that another program has the keys', async () => {
    await open();
    await userEvent.click(button('Change'));
    await recorder();
    await userEvent.keyboard('{Control>}{Alt>}t{/Alt}{/Control}');
    expect(await screen.findByText('Another program has these keys')).toBeVisible();
    expect(fake.quick.desktop.shortcut).toBe('Ctrl+Alt+U');
  });

  it('removes the shortcut', async () => {
    await open();
    await userEvent.click(button('Remove the shortcut'));
    expect(await screen.findByRole('button', { name: 'Set shortcut' })).toBeVisible();
    expect(fake.quick.desktop.shortcut).toBeNull();
  });

  it('explains what else there is where the desktop lets no program take one', async () => {
    await open({ shortcut: null, shortcut_state: 'unavailable' });
    expect(screen.getByText('undercroft-app --quick')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Set shortcut' })).toBeNull();
  });

  it.each([
    [{ key: 'u', code: 'KeyU', ctrlKey: true, altKey: true }, 'Ctrl+Alt+U'],
    // The key that is printed Z is another one in Germany.
    [{ key: 'z', code: 'KeyY', ctrlKey: true }, 'Ctrl+Z'],
    [{ key: 'г', code: 'KeyU', metaKey: true }, 'Super+U'],
    [{ key: '!', code: 'Digit1', altKey: true, shiftKey: true }, 'Alt+Shift+1'],
    [{ key: ' ', code: 'Space', ctrlKey: true }, 'Ctrl+Space'],
    [{ key: 'F12', code: 'F12', ctrlKey: true }, 'Ctrl+F12'],
  ])('reads %o', (init, keys) => {
    expect(pressed(new KeyboardEvent('keydown', init))).toEqual({ kind: 'keys', keys });
  });

  it.each([
    { key: 'u', code: 'KeyU' },
    { key: 'U', code: 'KeyU', shiftKey: true },
    { key: 'Dead', ctrlKey: true },
  ])('does not take %o', (init) => expect(pressed(new KeyboardEvent('keydown', init)).kind).toBe('unfit'));
});

describe('the pinned identities', () => {
  const lines = () =>
    within(screen.getByRole('list', { name: 'Pinned identities' }))
      .getAllByRole('listitem')
      .map((line) => line.textContent.match(/acme-[a-z-]*[a-z]/)?.[0]);
  const STAGE = /aws\+acme-payments-stage.*/;

  it('move with their buttons, which keep the focus and say where', async () => {
    await open();
    await screen.findByRole('list', { name: 'Pinned identities' });
    expect(lines()).toEqual(['acme-payments-prod', 'acme-payments-stage', 'acme-platform']);
    await userEvent.click(button(new RegExp(`Move ${STAGE.source} up`)));
    await waitFor(() => expect(lines()).toEqual(['acme-payments-stage', 'acme-payments-prod', 'acme-platform']));
    expect(button(new RegExp(`Move ${STAGE.source} up`))).toHaveFocus();
    expect(screen.getByText(/Payments staging is number 1 of 3 now/)).toBeInTheDocument();
    await userEvent.keyboard('{Enter}');
    expect(fake.calls.filter((one) => one === 'orderPinned')).toHaveLength(1);
    await userEvent.click(button(new RegExp(`Move ${STAGE.source} down`)));
    await userEvent.click(button(new RegExp(`Move ${STAGE.source} down`)));
    await waitFor(() => expect(lines()).toEqual(['acme-payments-prod', 'acme-platform', 'acme-payments-stage']));
    expect(fake.quick.order).toHaveLength(3);
  });

  it('go back where they were when the order can’t be saved', async () => {
    await open();
    await screen.findByRole('list', { name: 'Pinned identities' });
    fake.fail('orderPinned', { code: 'open-for-reading' });
    await userEvent.click(button(new RegExp(`Move ${STAGE.source} up`)));
    expect(await screen.findByText('The vault is open for reading only')).toBeVisible();
    expect(lines()[0]).toBe('acme-payments-prod');
  });

  it('are unpinned with a way back to their place', async () => {
    await open();
    await screen.findByRole('list', { name: 'Pinned identities' });
    await userEvent.click(button(new RegExp(`Unpin ${STAGE.source}`)));
    await waitFor(() => expect(lines()).toEqual(['acme-payments-prod', 'acme-platform']));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(lines()).toEqual(['acme-payments-prod', 'acme-payments-stage', 'acme-platform']));
  });
});
