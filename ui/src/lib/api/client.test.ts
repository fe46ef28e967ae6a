import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// A client that no other test has given a fake.
vi.resetModules();
const { commands, Failure, inApp } = await import('./client');

interface Internals {
  __TAURI_INTERNALS__?: { invoke: (name: string, args?: unknown) => Promise<unknown> };
}
const page = globalThis as Internals;

/** Stands in for Tauri itself, so that the generated bindings run. */
function answer(invoke: (name: string, args?: unknown) => Promise<unknown>): void {
  page.__TAURI_INTERNALS__ = { invoke };
}

describe('the client', () => {
  beforeEach(() => expect(inApp()).toBe(false));
  afterEach(() => delete page.__TAURI_INTERNALS__);

  it('answers with the data of a command', async () => {
    answer(async (name, args) => [name, args]);
    expect(await commands.account('abc')).toEqual(['account', { id: 'abc' }]);
  });

  it('throws the typed error of a command that failed', async () => {
    answer(async () => Promise.reject({ code: 'too-many', limit: 8 }));
    await expect(commands.lock()).rejects.toMatchObject({ problem: { code: 'too-many', limit: 8 } });
    await expect(commands.lock()).rejects.toBeInstanceOf(Failure);
  });

  it('makes anything else an internal error', async () => {
    answer(async () => Promise.reject('Command lock not allowed by ACL'));
    await expect(commands.lock()).rejects.toMatchObject({ problem: { code: 'internal' } });
    answer(async () => Promise.reject(new Error('no such thing')));
    await expect(commands.lock()).rejects.toMatchObject({ problem: { code: 'internal' } });
  });
});
