import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { fileWords } from '$lib/api/import-words';
import { arrivalWords, contentWords } from './archive-words';
import ArchiveExportDialog from './ArchiveExportDialog.svelte';
import ArchiveImportDialog from './ArchiveImportDialog.svelte';

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

describe('exporting everything', () => {
  it('encrypts it under a password of its own, after the master password', async () => {
    render(ArchiveExportDialog, { close });
    await accessible();
    await press('Export everything');
    expect(fake.calls).not.toContain('askPassword');
    await userEvent.type(screen.getByLabelText('Password of the file'), 'plinth otter vellum 92');
    await userEvent.type(screen.getByLabelText('The same again'), 'plinth otter vellum 92');
    await press('Export everything');
    await waitFor(() => expect(fake.asked).toMatchObject({ action: { kind: 'export-all', format: 'encrypted' } }));
    fake.tellPermitted();
    expect(await screen.findByText('/home/robin/everything.undercroft')).toBeVisible();
    expect(screen.getByText(/It holds 4 accounts, 9 identities/)).toBeVisible();
    expect(JSON.stringify(fake.calls)).not.toContain('plinth');
    await accessible();
  });

  it('says that JSON is readable by anybody, before and after', async () => {
    render(ArchiveExportDialog, { close });
    expect(screen.queryByText('Nothing in this file is encrypted')).toBeNull();
    await userEvent.selectOptions(screen.getByLabelText('Format'), 'json');
    expect(screen.getByText('Nothing in this file is encrypted')).toBeVisible();
    expect(screen.queryByLabelText('Password of the file')).toBeNull();
    await press('Export everything');
    await waitFor(() => expect(fake.asked).toMatchObject({ action: { kind: 'export-all', format: 'json' } }));
    fake.tellPermitted();
    expect(await screen.findByText('/home/robin/everything.json')).toBeVisible();
    expect(screen.getByText(/Delete the file as soon as it has served/)).toBeVisible();
  });
});

describe('importing everything', () => {
  async function opened(): Promise<void> {
    render(ArchiveImportDialog, { close });
    await press('Choose a file');
    await userEvent.type(await screen.findByLabelText('Password of the file'), 'password of the file');
    await press('Open');
    await screen.findByText('In another version', { selector: 'dt' });
  }

  it('says when the password is wrong', async () => {
    render(ArchiveImportDialog, { close });
    await press('Choose a file');
    await userEvent.type(await screen.findByLabelText('Password of the file'), 'not this one{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('does not open everything.undercroft');
    expect(JSON.stringify(fake.calls)).not.toContain('not this one');
  });

  it('shows what would change, and leaves settings and twins as they are unless told otherwise', async () => {
    await opened();
    await accessible();
    const rows = within(screen.getByRole('list', { name: 'In another version' })).getAllByRole('listitem');
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining('its history'),
      expect.stringContaining('The vault’s version stays'),
      expect.stringContaining('The vault’s version is newer and stays'),
      expect.stringContaining('comes back'),
    ]);
    expect(screen.getByRole('switch', { name: 'Take the settings over' })).toHaveAttribute('aria-checked', 'false');
    const apply = vi.spyOn(fake.commands, 'applyArchive');
    await press('Import everything');
    expect(apply).toHaveBeenCalledWith(1, { settings: false, prefers_archive: false });
    expect(await screen.findByText('13 items were added')).toBeVisible();
    await accessible();
    await press('Done');
    expect(close).toHaveBeenCalled();
  });

  it('takes the file’s versions and settings when they are wished', async () => {
    await opened();
    await userEvent.selectOptions(screen.getByLabelText('Where the same was made here separately'), 'archive');
    expect(screen.getByText(/The file’s version takes its place/)).toBeVisible();
    await userEvent.click(screen.getByRole('switch', { name: 'Take the settings over' }));
    await press('Import everything');
    expect(await screen.findByText('The settings of the file are in force.')).toBeVisible();
  });

  it('gives up what was read when it is closed', async () => {
    await opened();
    cleanup();
    await waitFor(() => expect(fake.calls).toContain('cancelImport'));
  });
});

describe('words', () => {
  it('count what is there and nothing else', () => {
    const none = {
      accounts: 0,
      identities: 0,
      profiles: 0,
      passwords: 0,
      devices: 0,
      keys: 0,
      secrets: 0,
      binned: 0,
      versions: 0,
    };
    expect(contentWords(none)).toBe('nothing');
    expect(contentWords({ ...none, accounts: 1, keys: 2 })).toBe('1 account, 2 access keys');
  });

  it('name a way out of each refusal', () => {
    const codes = ['import-no-archive', 'import-breaks-rules', 'import-vault-full'];
    const titles = codes.map((code) => fileWords('a.json', code).title);
    expect(new Set([...titles, fileWords('a.json', 'other').title]).size).toBe(4);
    expect(new Set((['newer', 'older', 'back', 'twin'] as const).map((one) => arrivalWords(one, true))).size).toBe(4);
  });
});
