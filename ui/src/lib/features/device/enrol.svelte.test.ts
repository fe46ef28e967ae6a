import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Scan } from '$lib/features/scan/scan.svelte';
import type { FoundDevice } from '$lib/features/scan/scan.svelte';
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

describe('enrolling a scanned code', () => {
  let fake: Fake;
  beforeEach(() => {
    fake = new Fake({ accounts: 2 });
    use(fake);
  });

  const scanned = async (identity: string | null, label: string): Promise<FoundDevice> => {
    fake.scans.texts = [link(label)];
    const scan = new Scan(identity);
    await scan.begin('screen');
    const [device] = scan.devices;
    if (!device) throw new Error('nothing was found');
    return device;
  };

  it('names the code and sends no seed', async () => {
    const alias = fake.accounts[0]?.row.alias ?? '';
    const enrol = new Enrolment(null, () => '');
    await enrol.takeScanned(await scanned(null, `Amazon Web Services:robin.mason@${alias}`));
    expect(enrol.owner?.name).toBe('robin.mason');
    expect(enrol.changes).toEqual([`The device robin.mason is added to robin.mason in ${fake.accounts[0]?.row.name}.`]);
    const done = await enrol.save();
    expect(done?.identity).toBe(enrol.owner?.id);
    expect(fake.calls).toContain('saveScannedDevice');
    expect(fake.calls).not.toContain('sealingKey');
  });

  it('says what is filed along with it', async () => {
    const enrol = new Enrolment(null, () => '');
    await enrol.takeScanned(await scanned(null, 'Amazon Web Services:robin@999988887777'));
    expect(enrol.changes).toEqual([
      'The account 999988887777 is added.',
      'The IAM user robin is added.',
      'The device robin is added to robin.',
    ]);
  });

  it('warns when the code names another account, and follows it when told so', async () => {
    const owner = await fake.commands.identity(fake.identities[1]?.id ?? '');
    const enrol = new Enrolment(owner, () => '');
    await enrol.takeScanned(await scanned(owner.id, 'Amazon Web Services:robin@999988887777'));
    expect(enrol.elsewhere).toBe('999988887777');
    expect(enrol.draft.serial).toContain(owner.account.account_id);
    const own = new Enrolment(owner, () => '');
    await own.takeScanned(await scanned(owner.id, `Amazon Web Services:robin@${owner.account.account_id}`));
    expect(own.elsewhere).toBeNull();
  });

  it('says that a code was dropped in the meantime', async () => {
    const owner = await fake.commands.identity(fake.identities[1]?.id ?? '');
    const enrol = new Enrolment(owner, () => '');
    await enrol.takeScanned(await scanned(owner.id, `Amazon Web Services:robin@${owner.account.account_id}`));
    fake.scans.pending = null;
    expect(await enrol.save()).toBeNull();
    expect(enrol.rest).toMatchObject({ code: 'scan', problem: 'gone' });
  });
});
