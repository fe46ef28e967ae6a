import { afterEach, describe, expect, it } from 'vitest';
import { Failure, use } from './client';
import { Fake } from './fake';
import { reader, sealField, sealTo } from './sealing';

describe('sealing', () => {
  const fake = new Fake({ accounts: 1 });
  afterEach(() => use(fake));

  it('opens what was sealed to the reader', async () => {
    const own = await reader();
    expect(await own.open(await sealTo(own.key, 'päss wörd 🔑'))).toBe('päss wörd 🔑');
  });

  it('never makes the same ciphertext twice', async () => {
    const own = await reader();
    const [one, two] = [await sealTo(own.key, 'same'), await sealTo(own.key, 'same')];
    expect(one.data).not.toBe(two.data);
    expect(one.key).not.toBe(two.key);
  });

  it('refuses a changed ciphertext and a foreign reader', async () => {
    const own = await reader();
    const sealed = await sealTo(own.key, 'secret');
    const last = sealed.data.endsWith('A=') ? 'B=' : 'A=';
    const changed = { ...sealed, data: sealed.data.slice(0, -2) + last };
    await expect(own.open(changed)).rejects.toBeInstanceOf(Failure);
    await expect((await reader()).open(sealed)).rejects.toMatchObject({ problem: { code: 'bad-message' } });
  });

  it('asks for a new backend key for each field', async () => {
    use(fake);
    const before = fake.calls.length;
    await sealField('one');
    await sealField('two');
    expect(fake.calls.slice(before)).toEqual(['sealingKey', 'sealingKey']);
  });

  it('gives out its public key as an uncompressed point', async () => {
    const own = await reader();
    expect(atob(own.key)).toHaveLength(65);
    expect(atob(own.key).charCodeAt(0)).toBe(4);
  });
});
