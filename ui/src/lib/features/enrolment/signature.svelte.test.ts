import { describe, expect, it } from 'vitest';
import { Fake } from '$lib/api/fake';
import type { IdentityView, KeyView } from '$lib/api/client';
import { Signature } from './signature.svelte';

async function identity(kind: IdentityView['kind'], ...states: KeyView['state'][]): Promise<IdentityView> {
  const fake = new Fake({ accounts: 2 });
  const user = fake.identities.find((one) => one.kind === 'iam-user')?.id ?? '';
  const view = await fake.commands.identity(user);
  const blank = { added_at: '', created_at: null, rotated_at: null, last_used_at: null, checked_at: null };
  return { ...view, kind, keys: states.map((state, index) => ({ id: `AKIA${index}`, state, ...blank })) };
}

describe('the signature of calls to IAM', () => {
  it('is that of the first active key, else of the first unchecked one', async () => {
    for (const [states, key] of [
      [['unknown', 'active'], 'AKIA1'],
      [['active', 'active'], 'AKIA0'],
      [['inactive', 'unknown'], 'AKIA1'],
      [['inactive'], undefined],
      [[], undefined],
    ] as const) {
      const view = await identity('iam-user', ...states);
      expect(new Signature(() => view).key, states.join()).toBe(key);
    }
    const root = await identity('root', 'active');
    expect(new Signature(() => root).keys).toEqual([]);
  });

  it('is that of the chosen key as long as the identity has it and it is not inactive', async () => {
    let view = await identity('iam-user', 'active', 'active');
    const signature = new Signature(() => view);
    signature.choose('AKIA1');
    expect(signature.key).toBe('AKIA1');
    view = await identity('iam-user', 'active', 'inactive');
    expect(signature.key).toBe('AKIA0');
  });
});
