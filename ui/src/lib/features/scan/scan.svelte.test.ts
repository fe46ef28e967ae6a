import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { otherWords } from './found';
import { drops } from './drops.svelte';
import { Scan } from './scan.svelte';

const link = (label: string): string =>
  `otpauth://totp/${encodeURIComponent(label)}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services`;

describe('looking for codes', () => {
  let fake: Fake;
  beforeEach(() => {
    fake = new Fake({ accounts: 2 });
    use(fake);
  });

  it.each(['screen', 'region', 'clipboard', 'file', 'dropped'] as const)('asks the source: %s', async (source) => {
    const scan = new Scan(null);
    expect(await scan.begin(source)).toBe(true);
    expect(fake.calls.at(-1)).toBe(`scan${source.charAt(0).toUpperCase()}${source.slice(1)}`);
    expect(scan.devices).toHaveLength(1);
    expect(scan.from).toBe(source);
    expect(JSON.stringify(scan.answer)).not.toContain('JBSWY3DP');
  });

  it('tells devices from other codes, each by its number', async () => {
    fake.scans.texts = ['https://example.com/x', link('a@b-c'), 'hello', link('d@e-f')];
    const scan = new Scan(null);
    await scan.begin('screen');
    expect(scan.devices.map((device) => device.number)).toEqual([1, 3]);
    expect(scan.others.map((other) => otherWords(other).title)).toEqual([
      'A web address of example.com',
      'A code with something else',
    ]);
    scan.noteSaved(1);
    expect(scan.unsaved.map((device) => device.number)).toEqual([3]);
  });

  it('ends the scan when it is cleared, and one that nobody waits for any more', async () => {
    const scan = new Scan(null);
    await scan.begin('screen');
    expect(fake.scans.pending).not.toBeNull();
    scan.clear();
    await Promise.resolve();
    expect(fake.scans.pending).toBeNull();
    const late = scan.begin('screen');
    scan.clear();
    expect(await late).toBe(false);
    await new Promise((resolve) => setTimeout(resolve));
    expect(fake.scans.pending).toBeNull();
    expect(scan.answer).toBeNull();
  });

  it('keeps what was found when another source fails, and says nothing of giving up', async () => {
    const scan = new Scan(null);
    await scan.begin('screen');
    fake.fail('scanFile', { code: 'scan', problem: 'svg', detail: null });
    expect(await scan.begin('file')).toBe(false);
    expect(scan.problem).toMatchObject({ problem: 'svg' });
    expect(scan.devices).toHaveLength(1);
    fake.fail('scanFile', { code: 'scan', problem: 'cancelled', detail: null });
    await scan.begin('file');
    expect(scan.problem).toBeNull();
  });

  it('looks through the camera until it is stopped', async () => {
    const scan = new Scan(null);
    const looking = scan.begin('camera');
    expect(scan.busy).toBe('camera');
    expect(await scan.begin('screen')).toBe(false);
    await new Promise((resolve) => setTimeout(resolve));
    await scan.stop();
    expect(await looking).toBe(false);
    expect(scan.busy).toBeNull();
    expect(scan.problem).toBeNull();
  });
});

describe('dropping', () => {
  it('goes to the newest dialog that takes it, else to the window', () => {
    const fake = new Fake();
    use(fake);
    const heard: string[] = [];
    const end = drops.start(() => heard.push('window'));
    fake.tellDragging('over');
    expect(drops.over).toBe(true);
    fake.tellDragging('dropped');
    expect(drops.over).toBe(false);
    const give = drops.take(() => heard.push('dialog'));
    fake.tellDragging('dropped');
    give();
    fake.tellDragging('dropped');
    end();
    expect(heard).toEqual(['window', 'dialog', 'window']);
  });
});
