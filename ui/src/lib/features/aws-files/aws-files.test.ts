import { cleanup, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import AwsFilesDialog from './AwsFilesDialog.svelte';
import { configureCommand, sections, summary } from './found-words';

let fake: Fake;
const close = vi.fn();
const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole('button', { name }));

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

describe('moving in from AWS files', () => {
  it('shows what is in ~/.aws before anything is changed', async () => {
    render(AwsFilesDialog, { close });
    await press('Look into ~/.aws');
    const file = within(await screen.findByRole('region', { name: '~/.aws/credentials' }));
    const rows = within(file.getByRole('list')).getAllByRole('listitem');
    expect(rows.map((row) => row.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
      'User robin New',
      'Access key AKIAIOSFODNN7EXAMPLE New',
      'Profile default New',
      'Profile payments Conflict',
    ]);
    expect(file.getByText('[default], [payments]')).toBeVisible();
    expect(screen.getByText(/signing in is not there yet/)).toBeVisible();
    expect(fake.calls).not.toContain('takeOverFiles');
    await accessible();
  });

  it('offers to take plain keys out, and says what became of each', async () => {
    render(AwsFilesDialog, { close });
    await press('Look into ~/.aws');
    await press('Import 4 entries');
    const offered = await screen.findByRole('list', { name: 'Files with keys in plain text' });
    expect(offered).toHaveTextContent('~/.aws/credentials');
    expect(offered).toHaveTextContent('[default], [payments]');
    expect(fake.calls).not.toContain('takeOutPlainSecrets');
    await accessible();
    await press('Take the keys out');
    expect(await screen.findByText('Out of ~/.aws/credentials')).toBeVisible();
    expect(screen.getByText('Still in ~/.aws/credentials')).toBeVisible();
    expect(screen.getByText('undercroft configure default')).toBeVisible();
    await accessible();
    await press('Done');
    expect(close).toHaveBeenCalled();
  });

  it('leaves the keys where they are when that is wanted', async () => {
    render(AwsFilesDialog, { close });
    await press('Look into ~/.aws');
    await press('Import 4 entries');
    await press('Leave them there');
    expect(await screen.findByText('The keys stay in the files as well.')).toBeVisible();
    expect(fake.calls).not.toContain('takeOutPlainSecrets');
  });

  it('goes on to the plain keys of files that were imported before', async () => {
    fake.awsFiles = fake.awsFiles.map((file) => ({
      ...file,
      found: file.found.map((item) => ({ ...item, status: 'duplicate' as const })),
    }));
    render(AwsFilesDialog, { close });
    await press('Look into ~/.aws');
    await press('Go on');
    expect(await screen.findByRole('list', { name: 'Files with keys in plain text' })).toBeVisible();
    expect(screen.queryByText(/imported/)).toBeNull();
  });

  it('has only files to choose where there is no ~/.aws, and says when there is nothing in them', async () => {
    fake.awsFiles = [];
    render(AwsFilesDialog, { close });
    await press('Choose files');
    expect(await screen.findByText(/The vault has all of it already/)).toBeVisible();
    expect(screen.queryByRole('button', { name: /Import|Go on|Look into/ })).toBeNull();
    await press('Done');
    expect(close).toHaveBeenCalled();
  });

  it('says why nothing was read, and lets it be tried again', async () => {
    render(AwsFilesDialog, { close });
    fake.fail('previewFiles', { code: 'open-for-reading' });
    await press('Look into ~/.aws');
    expect(await screen.findByRole('alert')).toHaveTextContent('open for reading only');
    expect(screen.getByRole('button', { name: 'Look into ~/.aws' })).toBeEnabled();
  });
});

describe('words about files', () => {
  it('are short and can be pasted', () => {
    const file = { source: 'x', found: [], problems: [], plain_secrets: [] };
    expect(summary(file)).toBe('nothing to import');
    const item = { kind: 'profile' as const, name: 'a', status: 'conflict' as const };
    expect(summary({ ...file, found: [item, { ...item, status: 'new' }] })).toBe('1 new, 1 conflict');
    expect(sections(['a', 'b c'])).toBe('[a], [b c]');
    expect(configureCommand(['a', 'b c'])).toBe('undercroft configure a "b c"');
  });
});
