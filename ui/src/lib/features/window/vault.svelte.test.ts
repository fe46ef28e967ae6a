import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import { Vault } from './vault.svelte';

describe('the shown vault', () => {
  let fake: Fake;
  let vault: Vault;
  const calls = (name: string): number => fake.calls.filter((one) => one === name).length;
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  beforeEach(() => {
    fake = new Fake({ accounts: 3, theme: 'dark' });
    use(fake);
    vault = new Vault();
  });

  it('loads when started and applies the theme', async () => {
    vault.start();
    await settle();
    expect(vault.accounts).toHaveLength(3);
    expect(document.documentElement.dataset.theme).toBe('dark');
  });

  it('begins with what the window was opened for, once', async () => {
    const who = fake.identities[1];
    fake.quick.shown = { item: who?.id ?? '', account: who?.account ?? '', is_profile: false };
    vault.start();
    await settle();
    expect(vault.identity?.id).toBe(who?.id);
    expect(fake.quick.shown).toBeNull();
  });

  it('opens as usual when that can’t be asked', async () => {
    fake.fail('takeShownItem', { code: 'internal' });
    vault.start();
    await settle();
    expect(vault.accounts).toHaveLength(3);
    expect(vault.problem).toBeNull();
  });

  it('serves a burst of changes with few questions', async () => {
    vault.start();
    await settle();
    const before = calls('overview');
    for (let at = 0; at < 20; at += 1) fake.tellChanged();
    await settle();
    expect(calls('overview') - before).toBeLessThanOrEqual(2);
  });

  it('hears no more once ended', async () => {
    const end = vault.start();
    await settle();
    end();
    await settle();
    const before = calls('overview');
    fake.tellChanged();
    await settle();
    expect(calls('overview')).toBe(before);
  });

  it('drops an answer that was overtaken', async () => {
    const [first, second] = fake.accounts;
    const one = vault.openAccount(first?.id ?? '');
    const two = vault.openAccount(second?.id ?? '');
    await Promise.all([one, two]);
    expect(vault.account?.row.id).toBe(second?.id);
  });

  it('steps out of an identity that is gone, then out of its account', async () => {
    const identity = fake.identities[0];
    await vault.refresh();
    await vault.openIdentity(identity?.id ?? '', identity?.account ?? '');
    expect(vault.depth).toBe(2);
    await fake.commands.binItem(identity?.id ?? '');
    await vault.refresh();
    expect(vault.identity).toBeNull();
    expect(vault.account?.row.id).toBe(identity?.account);
    await fake.commands.binItem(identity?.account ?? '');
    await vault.refresh();
    expect(vault.account).toBeNull();
    expect(vault.depth).toBe(0);
  });

  it('keeps what it shows when the backend fails, and says why', async () => {
    await vault.refresh();
    fake.fail('accounts', { code: 'internal' });
    await vault.refresh();
    expect(vault.accounts).toHaveLength(3);
    expect(vault.problem).toEqual({ code: 'internal' });
    fake.fail('accounts', null);
    await vault.refresh();
    expect(vault.problem).toBeNull();
  });

  it('goes back pane by pane', async () => {
    const identity = fake.identities[0];
    await vault.openIdentity(identity?.id ?? '', identity?.account ?? '');
    vault.back();
    expect(vault.depth).toBe(1);
    vault.back();
    vault.back();
    expect(vault.depth).toBe(0);
    vault.go('settings');
    vault.back();
    expect(vault.place).toBe('accounts');
  });
});
