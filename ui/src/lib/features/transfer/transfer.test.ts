import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import ExportDialog from './ExportDialog.svelte';
import ImportDialog from './ImportDialog.svelte';
import { fileWords, reasonWords } from '$lib/api/import-words';
import QrDialog from './QrDialog.svelte';

let fake: Fake;
const close = vi.fn();
const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));

beforeEach(() => {
  fake = new Fake({ accounts: 2 });
  use(fake);
  close.mockReset();
});
afterEach(() => cleanup());

async function accessible(): Promise<void> {
  const found = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  expect(found.violations.map((one) => one.id)).toEqual([]);
}

describe('importing', () => {
  async function opened(): Promise<void> {
    render(ImportDialog, { close });
    await press('Choose files');
    await userEvent.type(await screen.findByLabelText('Password of the file'), 'password of the file');
    await press('Open');
    await screen.findByRole('list', { name: 'Devices of the files' });
  }

  it('asks for the password of an encrypted file, and says when it is wrong', async () => {
    render(ImportDialog, { close });
    await press('Choose files');
    const field = await screen.findByLabelText('Password of the file');
    expect(screen.queryByRole('alert')).toBeNull();
    await userEvent.type(field, 'not this one{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('does not open aegis.json');
    expect(JSON.stringify(fake.calls)).not.toContain('not this one');
    await accessible();
  });

  it('shows what is in the file, and takes over what is wanted', async () => {
    await opened();
    const rows = screen.getAllByRole('listitem');
    expect(rows).toHaveLength(4);
    const boxes = screen.getAllByRole('checkbox');
    // What AWS labelled is wanted at once; what can’t be used can’t be chosen.
    expect(boxes.map((box) => (box as HTMLInputElement).checked)).toEqual([true, false, false, false]);
    expect(boxes[2]).toBeDisabled();
    expect(boxes[3]).toBeDisabled();
    expect(within(rows[0] as HTMLElement).getByLabelText('Account')).toHaveValue('210987654321');
    expect(rows[3]).toHaveTextContent('Steam');
    await accessible();
    await press('Import 1 device');
    expect(await screen.findByText('1 device was imported')).toBeVisible();
    await press('Done');
    expect(close).toHaveBeenCalled();
    expect(fake.calls).not.toContain('cancelImport');
  });

  it('wants to know where a device goes, and keeps what was typed when it is refused', async () => {
    await opened();
    await userEvent.click(screen.getAllByRole('checkbox')[1] as HTMLElement);
    const row = within(screen.getAllByRole('listitem')[1] as HTMLElement);
    expect(screen.getByRole('button', { name: 'Import 2 devices' })).toBeDisabled();
    await userEvent.type(row.getByLabelText('Account'), '12');
    await userEvent.type(row.getByLabelText('User name'), 'bob');
    await press('Import 2 devices');
    expect(await screen.findByRole('alert')).toHaveTextContent('12 digits');
    expect(row.getByLabelText('Account')).toHaveValue('12');
  });

  it('gives up what was read when it is closed', async () => {
    await opened();
    cleanup();
    await waitFor(() => expect(fake.calls).toContain('cancelImport'));
  });

  it('has words for every reason', () => {
    for (const reason of [
      'import-too-new',
      'import-kdbx',
      'import-bitwarden-account',
      'import-no-code',
      'import-other',
    ]) {
      expect(fileWords('a.bin', reason).title).not.toBe('');
    }
    for (const reason of ['entry-hotp', 'migration-damaged', 'seed-not-base32']) {
      expect(reasonWords(reason)).not.toBe('');
    }
  });
});

describe('a shown QR code', () => {
  async function open(): Promise<SVGElement> {
    const owner = fake.identities.find((one) => one.devices.length > 0);
    const identity = await fake.commands.identity(owner?.id ?? '');
    render(QrDialog, { identity, device: identity.devices[0]!, close });
    await waitFor(() => expect(fake.asked).toMatchObject({ kind: 'confirm', action: { kind: 'show-qr' } }));
    return screen.getByTestId('qr') as unknown as SVGElement;
  }
  const path = (drawing: SVGElement): string | null => drawing.querySelector('path')?.getAttribute('d') ?? null;

  it('needs the master password, and leaves the page when it is closed', async () => {
    const drawing = await open();
    expect(path(drawing)).toBeNull();
    expect(fake.calls).not.toContain('showQr');
    fake.tellPermitted();
    await waitFor(() => expect(path(drawing)).toContain('M4 4h7'));
    expect(drawing.getAttribute('style')).toBeNull();
    cleanup();
    expect(path(drawing)).toBeNull();
  });

  it('goes by itself after a minute', async () => {
    const drawing = await open();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    try {
      fake.tellPermitted();
      await vi.waitFor(() => expect(path(drawing)).toContain('M4 4h7'));
      vi.advanceTimersByTime(59_000);
      expect(path(drawing)).not.toBeNull();
      vi.advanceTimersByTime(2_000);
      expect(path(drawing)).toBeNull();
    } finally {
      vi.useRealTimers();
    }
    expect(await screen.findByText('The code is no longer shown.')).toBeVisible();
  });

  it('says so when the permission is gone', async () => {
    await open();
    fake.fail('showQr', { code: 'not-permitted' });
    fake.tellPermitted();
    expect(await screen.findByRole('alert')).toHaveTextContent('master password');
  });
});

describe('exporting', () => {
  it('writes the chosen devices after the master password', async () => {
    render(ExportDialog, { close });
    const boxes = await screen.findAllByRole('checkbox');
    await userEvent.selectOptions(screen.getByLabelText('Format'), 'otpauth-lines');
    expect(screen.queryByLabelText('Password of the file')).toBeNull();
    await userEvent.click(boxes[0] as HTMLElement);
    await press(/^Export \d+ device/);
    await waitFor(() => expect(fake.asked).toMatchObject({ kind: 'confirm', action: { kind: 'export-devices' } }));
    const asked = fake.asked as unknown as { action: { devices: unknown[] } };
    expect(asked.action.devices).toHaveLength(boxes.length - 1);
    fake.tellPermitted();
    expect(await screen.findByText('/home/robin/mfa-devices.txt')).toBeVisible();
    await accessible();
  });

  it('encrypts them with a password of the file, which must be a good one', async () => {
    render(ExportDialog, { close });
    await screen.findAllByRole('checkbox');
    await accessible();
    await userEvent.type(screen.getByLabelText('Password of the file'), 'weak');
    await press(/^Export \d+ device/);
    expect(await screen.findByText('This is too easy to guess.')).toBeVisible();
    expect(fake.calls).not.toContain('askPassword');
    await userEvent.clear(screen.getByLabelText('Password of the file'));
    await userEvent.type(screen.getByLabelText('Password of the file'), 'plinth otter vellum 92');
    await userEvent.type(screen.getByLabelText('The same again'), 'plinth otter vellum 92');
    await press(/^Export \d+ device/);
    await waitFor(() => expect(fake.asked).toMatchObject({ action: { kind: 'export-devices', format: 'vault' } }));
    fake.tellPermitted();
    expect(await screen.findByText('/home/robin/mfa-devices.undercroft')).toBeVisible();
  });
});
