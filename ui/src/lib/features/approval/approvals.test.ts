import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { dialogs } from '$lib/components/dialogs.svelte';
import { toasts } from '$lib/components/toasts.svelte';
import ProgramsSection from '$lib/features/settings/ProgramsSection.svelte';
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

async function open(): Promise<void> {
  render(MainWindow);
  await waitFor(() => expect(vault.accounts).toHaveLength(2));
}

/** The question, once it can be answered. */
async function question(name = 'terraform asks for payments-admin'): Promise<HTMLElement> {
  const asked = await screen.findByRole('dialog', { name });
  await waitFor(() => expect(within(asked).getByRole('button', { name: 'Once' })).toBeEnabled(), { timeout: 2000 });
  return asked;
}

beforeEach(() => {
  Element.prototype.scrollIntoView = () => undefined;
  fake = new Fake({ accounts: 2 });
  use(fake);
});

afterEach(() => {
  cleanup();
  dialogs.clear();
  toasts.clear();
  Object.assign(vault, { accounts: null });
});

describe('a program that asks', () => {
  it('is shown with who started it, and Deny has the focus', async () => {
    await open();
    const [account] = await fake.commands.accounts();
    fake.programs.ask({ account: account ?? null, role: 'arn:aws:iam::1:role/admin', script: '/home/robin/up.py' });
    const asked = within(await question());
    const chain = asked.getAllByRole('listitem').map((one) => one.textContent?.trim());
    expect(chain).toEqual(['gnome-terminal', 'bash', 'terraform', 'undercroft']);
    for (const said of ['Production', 'arn:aws:iam::1:role/admin', '/home/robin/up.py', '45']) {
      expect(asked.getByText(said)).toBeVisible();
    }
    expect(asked.getByText(/any program of yours could pretend to be this one/)).toBeVisible();
    expect(asked.getByRole('button', { name: 'Deny' })).toHaveFocus();
    const found = await axe.run(document.body, { rules: RULES });
    expect(found.violations.map((one) => one.id)).toEqual([]);
  });

  it('is not allowed by a click that was meant for something else', async () => {
    await open();
    fake.programs.ask({});
    const asked = within(await screen.findByRole('dialog', { name: 'terraform asks for payments-admin' }));
    for (const name of ['Once', '10 minutes', 'Until lock', 'More answers']) {
      expect(asked.getByRole('button', { name })).toBeDisabled();
    }
    expect(asked.getByRole('button', { name: 'Deny' })).toBeEnabled();
    await waitFor(() => expect(asked.getByRole('button', { name: 'Once' })).toBeEnabled(), { timeout: 2000 });
  });

  it('is denied by Escape', async () => {
    await open();
    fake.programs.ask({});
    await question();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(fake.programs.answers).toEqual(['deny']);
  });

  it.each([
    ['Once', 'once'],
    ['10 minutes', 'ten-minutes'],
    ['Until lock', 'until-lock'],
  ] as const)('is allowed by “%s”', async (button, decision) => {
    await open();
    fake.programs.ask({});
    await userEvent.click(within(await question()).getByRole('button', { name: button }));
    await waitFor(() => expect(fake.programs.answers).toEqual([decision]));
  });

  it('is asked about a change of a file, once and for no longer', async () => {
    await open();
    const change = { profile: null, profile_name: '/home/robin/.aws/credentials', sections: ['work', 'home'] };
    fake.programs.ask({ ...change, purpose: 'take-out' });
    const asked = within(await screen.findByRole('dialog', { name: 'terraform wants keys out of a file' }));
    expect(asked.getByText('/home/robin/.aws/credentials')).toBeVisible();
    expect(asked.getByText('[work], [home]')).toBeVisible();
    for (const name of ['10 minutes', 'Until lock', 'More answers']) {
      expect(asked.queryByRole('button', { name })).toBeNull();
    }
    expect(asked.getByRole('button', { name: 'Deny' })).toHaveFocus();
    const found = await axe.run(document.body, { rules: RULES });
    expect(found.violations.map((one) => one.id)).toEqual([]);
    const yes = asked.getByRole('button', { name: 'Take out' });
    await waitFor(() => expect(yes).toBeEnabled(), { timeout: 2000 });
    await userEvent.click(yes);
    await waitFor(() => expect(fake.programs.answers).toEqual(['once']));
  });

  it('waits for the one before', async () => {
    fake.programs.ask({});
    fake.programs.ask({ profile_name: 'staging-deploy' });
    await open();
    const first = within(await question());
    expect(first.getByText(/1 more question waits/)).toBeVisible();
    expect(screen.getAllByRole('dialog')).toHaveLength(1);
    await userEvent.click(first.getByRole('button', { name: 'Once' }));
    await question('terraform asks for staging-deploy');
    expect(screen.getAllByRole('dialog')).toHaveLength(1);
  });

  it('goes away when its time is up', async () => {
    await open();
    fake.programs.ask({});
    await question();
    fake.programs.requests = [];
    fake.programs.tell();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(fake.programs.answers).toEqual([]);
  });

  it('says so when the answer comes too late', async () => {
    await open();
    fake.programs.ask({});
    const asked = within(await question());
    fake.programs.requests = [];
    await userEvent.click(asked.getByRole('button', { name: 'Once' }));
    expect(await screen.findByText(/time to answer was up/)).toBeVisible();
  });

  it('is answered for good by a rule, which the settings show and remove', async () => {
    await open();
    fake.programs.ask({});
    await userEvent.click(within(await question()).getByRole('button', { name: 'More answers' }));
    await userEvent.click(screen.getByRole('menuitem', { name: /Never allow/ }));
    await waitFor(() => expect(fake.programs.answers).toEqual(['never']));
    cleanup();
    render(ProgramsSection);
    expect(await screen.findByText('/usr/local/bin/terraform')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /Remove the rule for .*terraform and payments-admin/ }));
    expect(await screen.findByText(/No rules/)).toBeVisible();
    await userEvent.selectOptions(screen.getByLabelText(/Ask before/), 'always');
    await waitFor(() => expect(fake.programs.settings.approval).toBe('always'));
  });
});
