import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import type { FakeOptions } from '$lib/api/fake/backend';
import QuickApp from './QuickApp.svelte';

let fake: Fake;

async function open(options: FakeOptions = {}, prepare: (fake: Fake) => void = () => undefined): Promise<void> {
  fake = new Fake({ accounts: 3, sessions: false, ...options });
  prepare(fake);
  use(fake);
  render(QuickApp);
  await waitFor(() => expect(fake.calls).toContain('quickList'));
}

const field = () => screen.findByRole<HTMLInputElement>('combobox');
const options = () => screen.findAllByRole('option');

async function typed(text: string, found: RegExp): Promise<void> {
  await userEvent.type(await field(), text);
  await waitFor(() => expect(screen.getAllByRole('option')[0]).toHaveTextContent(found));
}

async function expectNoFault(): Promise<void> {
  const rules = { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } };
  const { violations } = await axe.run(document.body, { rules });
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

beforeEach(() => {
  // jsdom has no layout: nothing scrolls.
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(() => {
  vi.useRealTimers();
  cleanup();
});

describe('the quick search', () => {
  it('lists what is pinned, then what was used of late, in the theme of the windows', async () => {
    await open({ theme: 'dark' });
    const pinned = within(await screen.findByRole('group', { name: 'Pinned' }));
    expect(pinned.getAllByRole('option')).toHaveLength(3);
    const recent = within(screen.getByRole('group', { name: 'Recent' }));
    expect(recent.getByRole('option', { name: /deploy-bot/ })).toBeVisible();
    expect(await field()).toHaveFocus();
    expect(document.documentElement.dataset.theme).toBe('dark');
    await expectNoFault();
  });

  it('says how to pin when there is nothing to list', async () => {
    await open({ accounts: 0 });
    expect(await screen.findByText('Nothing is pinned yet')).toBeVisible();
    expect(screen.getByText(/with its star in the main window/)).toBeVisible();
    await expectNoFault();
  });

  it('copies with Enter and forgets what was typed', async () => {
    await open();
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(fake.copied?.kind).toBe('code'));
    expect(fake.quick.visible).toBe(false);
    await waitFor(async () => expect(await field()).toHaveValue(''));
    expect(await screen.findByRole('group', { name: 'Pinned' })).toBeVisible();
  });

  it('does the rest by its keys', async () => {
    await open();
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}');
    await waitFor(() => expect(fake.copied).toMatchObject({ kind: 'secret', secret: { kind: 'password' } }));
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Alt>}{Enter}{/Alt}');
    await waitFor(() => expect(fake.copied?.kind).toBe('session'));
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(fake.calls).toContain('openSignIn'));
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Control>}o{/Control}');
    await waitFor(() => expect(fake.calls).toContain('showItem'));
    await waitFor(async () => expect(await field()).toHaveValue(''));
  });

  it('copies a profile’s session with Enter and opens its console, and says what it has not', async () => {
    await open({}, (made) => made.profiles.fill());
    await typed('payments-admin', /payments-admin.*Role admin/);
    const keys = screen.getByRole('group', { name: 'With the chosen result' });
    expect(within(keys).getAllByRole('button', { name: /Session/ })).toHaveLength(1);
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}');
    expect(await screen.findByText(/payments-admin is a profile/)).toBeVisible();
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(fake.profiles.opened).toHaveLength(1));
    await typed('payments-admin', /payments-admin/);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(fake.calls).toContain('quickCopyProfile'));
    await waitFor(async () => expect(await field()).toHaveValue(''));
    await typed('payments-key', /payments-key/);
    await userEvent.keyboard('{Alt>}{Enter}{/Alt}');
    expect(await screen.findByText('payments-key has no session to copy.')).toBeVisible();
    await expectNoFault();
  });

  it('takes a key that was let go after the window was hidden as pressed anew, and a held one once', async () => {
    await open();
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Enter>}');
    await waitFor(() => expect(fake.quick.visible).toBe(false));
    window.dispatchEvent(new Event('blur'));
    await screen.findByRole('group', { name: 'Pinned' });
    const copies = () => fake.calls.filter((one) => one === 'quickCopy').length;
    const repeated = { key: 'Enter', repeat: true };
    fireEvent.keyDown(await field(), repeated);
    await waitFor(() => expect(copies()).toBe(2));
    await screen.findByRole('group', { name: 'Pinned' });
    fireEvent.keyDown(await field(), repeated);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(copies()).toBe(2);
  });

  it('opens a hit without a code', async () => {
    await open();
    await typed('deploy', /deploy-bot/);
    expect(screen.getByText('1 result')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Open' })).toHaveAttribute('aria-keyshortcuts', 'Enter');
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(fake.calls).toContain('showItem'));
  });

  it('chooses with a click and acts with the buttons or a double click', async () => {
    await open();
    await options();
    await userEvent.click(await screen.findByRole('option', { name: /robin\.mason/ }));
    expect(fake.copied).toBeNull();
    expect(screen.getByRole('option', { selected: true })).toHaveTextContent('robin.mason');
    expect(await field()).toHaveFocus();
    await userEvent.click(screen.getByRole('button', { name: 'Password' }));
    await waitFor(() => expect(fake.copied).toMatchObject({ secret: { kind: 'password' } }));
    await userEvent.dblClick(await screen.findByRole('option', { name: /robin\.mason/ }));
    await waitFor(() => expect(fake.copied?.kind).toBe('code'));
  });

  it('counts a wait down, which can be cancelled', async () => {
    await open({}, (one) => {
      for (const { devices } of one.identities) for (const device of devices) device.usedStep = 1e12;
    });
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Alt>}{Enter}{/Alt}');
    expect(await screen.findByText(/The present code was used already/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByText(/The present code was used already/)).toBeNull());
    expect(await field()).toHaveFocus();
    expect(await field()).toHaveValue('sam');
  });

  it('says why something failed and keeps what was typed', async () => {
    await open();
    fake.fail('quickCopy', { code: 'no-clipboard' });
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('The clipboard can’t be reached');
    expect(await field()).toHaveValue('sam');
    expect(fake.quick.visible).toBe(true);
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}');
    fake.fail('search', { code: 'locked' });
    await userEvent.type(await field(), 'x');
    expect(await screen.findByText(/The vault is locked\./)).toBeVisible();
  });

  it('says where to file the serial that a session needs', async () => {
    await open();
    fake.fail('quickCopy', { code: 'device-without-serial' });
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Alt>}{Enter}{/Alt}');
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(/The device has no serial.*device’s serial.*File it there/);
    await expectNoFault();
    await userEvent.click(within(alert).getByRole('button', { name: 'Open sam.okafor' }));
    await waitFor(() => expect(fake.calls).toContain('showItem'));
  });

  it('offers nothing where nothing is found', async () => {
    await open();
    await userEvent.type(await field(), 'zzzzz');
    expect(await screen.findByText(/Nothing matches/)).toBeVisible();
    for (const one of within(screen.getByRole('group', { name: 'With the chosen result' })).getAllByRole('button')) {
      expect(one).toHaveClass('lacking');
      expect(one).toHaveAttribute('aria-disabled', 'true');
    }
  });

  it('hides with Escape, and begins anew when it is shown again', async () => {
    await open();
    await typed('sam', /sam\.okafor/);
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(fake.quick.visible).toBe(false));
    await userEvent.type(await field(), 'left over');
    (document.activeElement as HTMLElement).blur();
    fake.quick.tellShown();
    await waitFor(async () => expect(await field()).toHaveValue(''));
    expect(await field()).toHaveFocus();
    expect(await screen.findByRole('group', { name: 'Pinned' })).toBeVisible();
  });

  it('follows changes', async () => {
    await open();
    expect(await options()).toHaveLength(6);
    for (const one of fake.identities) one.favourite = false;
    fake.quick.recent = [];
    fake.tellChanged();
    expect(await screen.findByText('Nothing is pinned yet')).toBeVisible();
  });
});

describe('the sign-in sheet', () => {
  const current = () => document.querySelector('[aria-current=step]');

  async function begin(): Promise<void> {
    await open();
    await typed('robin', /robin\.mason/);
    await userEvent.keyboard('{Control>}i{/Control}');
    await screen.findByRole('region', { name: 'Sign in as robin.mason' });
  }

  it('goes through the steps with Enter', async () => {
    await begin();
    expect(screen.getByText('Production')).toBeVisible();
    expect(screen.getByText('Ctrl+Alt+U')).toBeVisible();
    expect(current()).toHaveTextContent('Open the sign-in page');
    await expectNoFault();
    for (const next of [/account alias/, /user name/, /password/, /MFA code/]) {
      await userEvent.keyboard('{Enter}');
      await waitFor(() => expect(current()).toHaveTextContent(next));
    }
    expect(screen.getByRole('status')).toHaveTextContent('Next: Copy the MFA code.');
    expect(fake.copied).toMatchObject({ secret: { kind: 'password' } });
    await userEvent.keyboard('{Enter}');
    expect(await field()).toHaveFocus();
    expect(fake.copied?.kind).toBe('code');
    expect(await field()).toHaveValue('');
  });

  it('takes any step by its number or a click, and goes on from there', async () => {
    await begin();
    await userEvent.keyboard('3');
    await waitFor(() => expect(current()).toHaveTextContent('Copy the password'));
    expect(fake.copied?.kind).toBe('identity-name');
    await userEvent.click(screen.getByRole('button', { name: /Copy the account alias/ }));
    expect(fake.copied?.kind).toBe('alias');
    await waitFor(() => expect(current()).toHaveTextContent('Copy the user name'));
    await userEvent.keyboard('9');
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(current()).toHaveTextContent('Copy the password'));
  });

  it('does not run through the steps while Enter is held', async () => {
    await begin();
    await userEvent.keyboard('{Enter>5/}');
    await waitFor(() => expect(current()).toHaveTextContent('account alias'));
    expect(fake.calls.filter((one) => one === 'takeSignInStep')).toHaveLength(1);
  });

  it('takes the next step with an Enter whose release before was not heard', async () => {
    await begin();
    await userEvent.keyboard('{Enter>}');
    await waitFor(() => expect(current()).toHaveTextContent('account alias'));
    window.dispatchEvent(new Event('blur'));
    fireEvent.keyDown(screen.getByRole('main'), { key: 'Enter', repeat: true });
    await waitFor(() => expect(current()).toHaveTextContent('user name'));
  });

  it('follows steps that are taken elsewhere, to the end', async () => {
    await begin();
    const sheet = fake.quick.signIn;
    fake.quick.tellMoved(sheet && { ...sheet, next: 4 });
    await waitFor(() => expect(current()).toHaveTextContent('MFA code'));
    fake.quick.tellMoved(null);
    expect(await field()).toBeVisible();
  });

  it('ends with Escape and goes back to the search', async () => {
    await begin();
    await userEvent.keyboard('{Escape}');
    expect(await field()).toHaveFocus();
    expect(fake.quick.signIn).toBeNull();
    expect(fake.quick.visible).toBe(true);
  });

  it('says why a step failed, and stays at it', async () => {
    await begin();
    fake.fail('takeSignInStep', { code: 'no-browser' });
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('No browser could be started');
    expect(current()).toHaveTextContent('Open the sign-in page');
  });

  it('opens at once where a sign-in is under way, without a shortcut as well', async () => {
    await open({}, (one) => {
      one.quick.playSignIn(2);
      one.quick.desktop = { ...one.quick.desktop, shortcut: null, shortcut_state: 'off' };
    });
    await screen.findByRole('region', { name: /Sign in as/ });
    expect(current()).toHaveTextContent('Copy the user name');
    expect(screen.getByText(/This window stays on top/)).toBeVisible();
  });

  it('shows no secret and no code', async () => {
    await begin();
    const one = fake.identities.find((who) => who.name === 'robin.mason');
    await userEvent.keyboard('4');
    await waitFor(() => expect(current()).toHaveTextContent('MFA code'));
    expect(document.documentElement.outerHTML).not.toContain(one?.password?.value);
    expect(document.body.textContent).not.toMatch(/\d{3} ?\d{3}(?!-)\b(?<!\d{4}-\d{4}-\d{4})/);
  });
});
