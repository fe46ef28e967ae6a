import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Enrolment } from './enrol.svelte';

const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const link = (label: string): string =>
  `otpauth://totp/${encodeURIComponent(label)}?secret=${SEED}&issuer=Amazon%20Web%20Services`;

describe('enrolling a device', () => {
  let fake: Fake;
  beforeEach(() => {
    fake = new Fake({ accounts: 2 });
    use(fake);
  });

  it('says what it found, without keeping the seed', async () => {
    const owner = await fake.commands.identity(fake.identities[1]?.id ?? '');
    const enrol = new Enrolment(owner, () => 'jbsw y3dp-ehpk 0pxp');
    await enrol.look();
    expect(enrol.preview?.corrections).toEqual([{ position: 13, from: '0', to: 'O' }]);
    expect(enrol.preview?.weak).toBe(true);
    expect(JSON.stringify([enrol.preview, enrol.draft]).toUpperCase()).not.toContain('EHPK');
  });

  it('derives the serial, which follows the name until the user writes one', async () => {
    const owner = await fake.commands.identity(fake.identities[1]?.id ?? '');
    const enrol = new Enrolment(owner, () => SEED);
    await enrol.look();
    expect(enrol.draft.serial).toBe(`arn:aws:iam::${owner.account.account_id}:mfa/${owner.name}`);
    enrol.setName('phone');
    expect(enrol.draft.serial).toMatch(/:mfa\/phone$/);
    enrol.setSerial('arn:aws:iam::123456789012:mfa/mine');
    enrol.setName('tablet');
    expect(enrol.draft.serial).toMatch(/:mfa\/mine$/);
  });

  it('files the account and the identity that a link names along with the device', async () => {
    const enrol = new Enrolment(null, () => link('Amazon Web Services:robin@123456789012'));
    await enrol.look();
    expect(enrol.filesAccount).toBe(true);
    expect(enrol.draft).toMatchObject({ accountId: '123456789012', userName: 'robin', kind: 'iam-user' });
    const done = await enrol.save();
    const filed = fake.identities.find((one) => one.id === done?.identity);
    expect(filed).toMatchObject({ name: 'robin', account: done?.account });
    expect(filed?.devices[0]).toMatchObject({ name: 'robin', serial: 'arn:aws:iam::123456789012:mfa/robin' });
  });

  it('goes on where it stopped when the identity was refused', async () => {
    const enrol = new Enrolment(null, () => link('root-account-mfa-device@123456789012'));
    await enrol.look();
    expect(enrol.draft.kind).toBe('root');
    expect(await enrol.save()).toBeNull();
    expect(enrol.message('user_name')).toContain('email');
    const before = fake.accounts.length;
    enrol.draft.userName = 'aws@example.com';
    expect((await enrol.save()) ?? enrol.problem).toMatchObject({ device: expect.any(String) });
    expect(fake.accounts.length).toBe(before);
  });

  it('takes the account of the vault that the link names by its alias', async () => {
    const alias = fake.accounts[0]?.row.alias ?? '';
    const enrol = new Enrolment(null, () => link(`Amazon Web Services:robin.mason@${alias}`));
    await enrol.look();
    expect(enrol.filesAccount).toBe(false);
    expect(enrol.filesIdentity).toBe(false);
    expect(enrol.account?.alias).toBe(alias);
  });

  it('says what is wrong beside the field, and asks for something when nothing was typed', async () => {
    const wrong = new Enrolment(null, () => 'not a seed !!');
    await wrong.look();
    expect(wrong.message('secret')).toBeDefined();
    expect(wrong.rest).toBeNull();
    const nothing = new Enrolment(null, () => '');
    expect(await nothing.save()).toBeNull();
    expect(nothing.message('secret')).toBeDefined();
  });
});
