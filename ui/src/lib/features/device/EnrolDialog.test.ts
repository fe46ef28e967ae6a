import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { dialogs } from '$lib/components/dialogs.svelte';
import DialogLayer from '$lib/components/DialogLayer.svelte';
import { toasts } from '$lib/components/toasts.svelte';
import { vault } from '$lib/features/window/vault.svelte';
import EnrolDialog from './EnrolDialog.svelte';

const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const link = (label: string, more = ''): string =>
  `otpauth://totp/${encodeURIComponent(label)}?secret=${SEED}&issuer=Amazon%20Web%20Services${more}`;

let fake: Fake;

async function open(texts: string[]): Promise<ReturnType<typeof within>> {
  fake = new Fake({ accounts: 2 });
  fake.scans.texts = texts;
  use(fake);
  const owner = await fake.commands.identity(fake.identities[1]?.id ?? '');
  render(DialogLayer);
  dialogs.show(EnrolDialog, { identity: owner });
  return within(await screen.findByRole('dialog', { name: 'Add MFA device' }));
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));

async function faults(): Promise<string[]> {
  // Colours and sizes need a real window; they are checked there.
  const rules = { 'color-contrast': { enabled: false }, 'target-size': { enabled: false }, region: { enabled: false } };
  const { violations } = await axe.run(document.body, { rules });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

beforeEach(() => {
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  dialogs.clear();
  cleanup();
  toasts.clear();
  Object.assign(vault, { accountId: null, identityId: null, account: null, identity: null, accounts: null });
});

describe('the dialog for a new device', () => {
  it('begins with the screen, by keyboard alone', async () => {
    const form = await open([link('robin@nowhere-else')]);
    await waitFor(() => expect(form.getByRole('button', { name: /Scan the screen/ })).toHaveFocus());
    expect(await faults()).toEqual([]);
    await userEvent.keyboard('{Enter}');
    expect(await form.findByText(/Code read/)).toBeVisible();
    expect(await form.findByText(/names another account/)).toBeVisible();
    expect(document.documentElement.outerHTML).not.toContain(SEED);
    expect(await faults()).toEqual([]);
  });

  it('lists several codes, saves the chosen one, and leads through the two codes with Enter', async () => {
    const form = await open([link('first@a-b'), link('second@a-b'), 'https://example.com/']);
    await press(/Scan the screen/);
    const list = within(await form.findByRole('list', { name: 'Found codes' }));
    expect(form.getByText('A web address of example.com')).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(list.getByRole('button', { name: /second/ }));
    expect(await form.findByLabelText('Device name')).toHaveValue('second');
    await press('Save device');
    const codes = await screen.findByRole('button', { name: 'Copy code 1' });
    await waitFor(() => expect(codes).toHaveFocus());
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByLabelText('First code')).toBeVisible();
    await waitFor(() => expect(document.activeElement).toHaveTextContent(/Copy code 2/));
    expect(await faults()).toEqual([]);
  });

  it('goes back from one of several to the list, and from there to the sources', async () => {
    const form = await open([link('first@a-b'), link('second@a-b')]);
    await press(/Scan the screen/);
    await userEvent.click(await form.findByRole('button', { name: /first/ }));
    await form.findByLabelText('Device name');
    await press('Back');
    expect(await form.findByRole('list', { name: 'Found codes' })).toBeVisible();
    await press('Back');
    expect(form.getByRole('button', { name: /Scan the screen/ })).toBeVisible();
    await waitFor(() => expect(fake.scans.pending).toBeNull());
  });

  it('saves the devices of an export one by one', async () => {
    const form = await open([link('first@a-b', '&exported'), link('second@a-b', '&exported')]);
    await press(/Scan the screen/);
    for (const name of [/first/, /second/]) {
      await userEvent.click(await form.findByRole('button', { name }));
      await form.findByLabelText('Device name');
      await press('Save device');
    }
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(fake.calls.filter((call) => call === 'saveScannedDevice')).toHaveLength(2);
  });

  it('says what to do when nothing was found', async () => {
    const form = await open([]);
    await press(/Scan the screen/);
    expect(await form.findByText('No QR code on the screen')).toBeVisible();
    expect(await faults()).toEqual([]);
    await press(/Draw a region/);
    expect(fake.calls).toContain('scanRegion');
  });

  it('pastes with Ctrl+V wherever the focus is', async () => {
    const form = await open([link('robin@a-b')]);
    await waitFor(() => expect(form.getByRole('button', { name: /Scan the screen/ })).toHaveFocus());
    await userEvent.keyboard('{Control>}v{/Control}');
    expect(await form.findByText(/Code read/)).toBeVisible();
    expect(fake.calls).toContain('scanClipboard');
  });

  it('says why there is no camera instead of a button that can’t work', async () => {
    fake = new Fake({ accounts: 1 });
    fake.scans.ways = { region: true, screen_asks: true, camera_missing: 'No camera is connected' };
    use(fake);
    render(DialogLayer);
    dialogs.show(EnrolDialog, { identity: null });
    expect(await screen.findByText(/No camera is connected, so/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Camera' })).toBeNull();
    expect(screen.getByText(/will ask for your consent/)).toBeVisible();
  });

  it('ends the scan when it is closed', async () => {
    await open([link('robin@a-b')]);
    await press(/Scan the screen/);
    await screen.findByText(/Code read/);
    await press('Cancel');
    await waitFor(() => expect(fake.scans.pending).toBeNull());
  });
});
