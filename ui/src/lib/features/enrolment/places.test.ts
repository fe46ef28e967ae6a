import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import type { HalfMadeStage, UiError } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { dialogs } from '$lib/components/dialogs.svelte';
import DialogLayer from '$lib/components/DialogLayer.svelte';
import { toasts } from '$lib/components/toasts.svelte';
import DevicesSection from '$lib/features/device/DevicesSection.svelte';

const DENIED: UiError = {
  code: 'iam-denied',
  aws_message: 'not authorized to perform: iam:CreateVirtualMFADevice',
  policy: '{"Version": "2012-10-17"}',
  needs_mfa_session: false,
  host: 'iam.amazonaws.com',
};

let fake: Fake;
let user: string;

/** Shows the devices of a user who has one of them and as many keys as told. */
async function show(keys = 1, stage?: HalfMadeStage): Promise<void> {
  const owner = fake.identities.find((one) => one.id === user);
  if (!owner) throw new Error('no user');
  const key = { createdAt: null, lastUsedAt: null, checkedAt: null, addedAt: Date.now(), secret: 's' };
  const ids = ['AKIAIOSFODNN7EXAMPLE', 'AKIAI44QH8DHBEXAMPLE'].slice(0, keys);
  owner.keys = ids.map((id) => ({ ...key, id, state: 'active' }));
  const device = { algorithm: 'SHA1', digits: 6, period: 30, addedAt: Date.now(), usedStep: 0 };
  owner.devices = [{ ...device, id: 'd', name: 'phone', serial: 'arn:aws:iam::123456789012:mfa/phone' }];
  if (stage) {
    const left = stage === 'intent' ? { name: 'laptop', device: null } : { name: 'phone', device: 'd' };
    fake.enrolment.halfMade.set(user, { ...left, stage });
  }
  const identity = await fake.commands.identity(user);
  render(DialogLayer);
  render(DevicesSection, { identity });
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));

async function faults(): Promise<string[]> {
  // Colours and sizes need a real window; they are checked there.
  const rules = { 'color-contrast': { enabled: false }, 'target-size': { enabled: false }, region: { enabled: false } };
  const { violations } = await axe.run(document.body, { rules });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

describe('devices at AWS', () => {
  beforeEach(() => {
    fake = new Fake({ accounts: 2 });
    use(fake);
    user = fake.identities.find((one) => one.kind === 'iam-user')?.id ?? '';
  });
  afterEach(() => {
    cleanup();
    dialogs.clear();
    toasts.clear();
  });

  it('offers the code of a device that is left unfinished only where AWS takes it', async () => {
    for (const [stage, offered] of [
      ['intent', true],
      ['created', false],
      ['enabled', true],
    ] as const) {
      await show(1, stage);
      const left = within(screen.getByTestId('half-made'));
      for (const name of ['Finish', 'Remove', 'Forget here']) expect(left.getByRole('button', { name })).toBeVisible();
      expect(screen.queryByRole('button', { name: 'Copy code' }) !== null, stage).toBe(offered);
      expect(screen.queryByRole('button', { name: 'Create at AWS' })).toBeNull();
      expect(await faults()).toEqual([]);
      cleanup();
    }
  });

  it('lets the policy be copied that is missing', async () => {
    fake.enrolment.problems.push(DENIED);
    await show();
    await press('Create at AWS');
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Create at AWS' }));
    expect(await dialog.findByTestId('policy')).toHaveTextContent('2012-10-17');
    await userEvent.click(dialog.getByRole('button', { name: 'Copy policy' }));
    await waitFor(() => expect(fake.calls).toContain('copy'));
    expect(dialog.getByRole('textbox', { name: 'Device name' })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it('shows the policy where the removal of a half-made device is denied', async () => {
    fake.enrolment.problems.push(DENIED);
    await show(1, 'created');
    await press('Remove');
    await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Remove at AWS' }));
    expect(await screen.findByTestId('policy')).toHaveTextContent('2012-10-17');
    expect(screen.getByTestId('half-made')).toBeVisible();
  });

  it('asks which key signs only where there are two, before anything is done', async () => {
    await show(1, 'intent');
    expect(screen.queryByLabelText('Signs with')).toBeNull();
    cleanup();
    await show(2, 'intent');
    await press('Finish');
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByLabelText('Signs with')).toHaveValue('AKIAIOSFODNN7EXAMPLE');
    expect(fake.calls).not.toContain('continueEnrolment');
    await userEvent.selectOptions(dialog.getByLabelText('Signs with'), 'AKIAI44QH8DHBEXAMPLE');
    await userEvent.click(dialog.getByRole('button', { name: 'Go on' }));
    await waitFor(() => expect(fake.calls).toContain('continueEnrolment'));
  });

  it('tells what is on both sides, only here, only at AWS, and nobody’s', async () => {
    fake.enrolment.unfiled.push({
      serial: 'arn:aws:iam::123456789012:mfa/old',
      makes_codes: true,
      enabled_at: new Date().toISOString(),
      filed_as: null,
    });
    fake.enrolment.leftOver = ['arn:aws:iam::123456789012:mfa/left-over'];
    await show();
    await press('Compare with AWS');
    const list = within(await screen.findByRole('list', { name: 'Devices at AWS' }));
    expect(list.getByText('At AWS and here')).toBeVisible();
    expect(list.getByText('Not filed here')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Add a second device' })).toBeVisible();
    expect(await faults()).toEqual([]);

    await press('Delete at AWS');
    await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete at AWS' }));
    await waitFor(() => expect(screen.queryByText(/left-over/)).toBeNull());

    fake.enrolment.gone.add('arn:aws:iam::123456789012:mfa/phone');
    await press('Compare with AWS');
    expect(await screen.findByText('Not at AWS')).toBeVisible();
  });

  it('says which permission the list of nobody’s devices needs, and shows the rest', async () => {
    fake.enrolment.leftOverProblem = DENIED;
    await show();
    await press('Compare with AWS');
    expect(await screen.findByText(/iam:ListVirtualMFADevices/)).toBeVisible();
    expect(screen.getByText('At AWS and here')).toBeVisible();
  });
});
