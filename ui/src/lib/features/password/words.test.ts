import { describe, expect, it } from 'vitest';
import type { UiError } from '$lib/api/client';
import { isBroken, mayRestore } from './broken';
import { notChanged, notOpening, wrongPlace, wrongSecret } from './words';

const path = '/vaults';

describe('the words of the password window', () => {
  it('blames a field only for what was typed into it', () => {
    expect(wrongSecret({ code: 'wrong-password', wait_secs: 0 }, 'unlock')).toContain('recovery key');
    expect(wrongSecret({ code: 'wrong-password', wait_secs: 0 }, 'again')).not.toContain('recovery key');
    expect(wrongSecret({ code: 'wrong-password', wait_secs: 0 }, 'backup')).toContain('backup');
    expect(wrongSecret({ code: 'wrong-password', wait_secs: 4 }, 'unlock')).toContain('wait');
    expect(wrongSecret({ code: 'wrong-recovery-key', wait_secs: 0 }, 'unlock')).not.toContain('wait');
    expect(wrongSecret({ code: 'mistyped-recovery-key' }, 'unlock')).toContain('typing error');
    expect(wrongSecret({ code: 'in-use', pid: null, agent: false }, 'unlock')).toBeUndefined();
    expect(wrongSecret(null, 'unlock')).toBeUndefined();
  });

  it('blames the place for everything that the place is to blame for', () => {
    const places: UiError[] = [
      { code: 'already-exists', path },
      { code: 'read-only', path },
      { code: 'disk-full', path },
      { code: 'folder-missing', path },
      { code: 'no-permission', path },
      { code: 'disk', path, detail: 'os error 5' },
    ];
    for (const problem of places) expect(wrongPlace(problem)?.advice).toContain(path);
    expect(wrongPlace({ code: 'weak-password' })).toBeNull();
    expect(wrongPlace(null)).toBeNull();
  });

  it('promises nothing that holds only for an open vault', () => {
    for (const problem of [
      { code: 'read-only', path },
      { code: 'disk-full', path },
    ] as const) {
      for (const said of [wrongPlace(problem), notOpening(problem), notChanged(problem)]) {
        expect(said?.advice).not.toMatch(/in memory|Settings|save again/);
      }
      expect(notChanged(problem).advice).toContain('Nothing was changed');
    }
  });

  it('tells a file that no password opens from one that may open later', () => {
    expect(isBroken({ code: 'damaged', path, backups: 0 })).toBe(true);
    expect(isBroken({ code: 'too-new', needs: '2.0' })).toBe(true);
    expect(isBroken({ code: 'in-use', pid: 1, agent: false })).toBe(false);
    expect(isBroken({ code: 'wrong-password', wait_secs: 0 })).toBe(false);
    expect(mayRestore({ code: 'damaged', path, backups: 0 })).toBe(false);
    expect(mayRestore({ code: 'vault-missing', path, backups: 1 })).toBe(true);
    expect(mayRestore({ code: 'too-new', needs: '2.0' })).toBe(false);
    expect(notOpening({ code: 'damaged', path, backups: 1 }).advice).toContain('1 backup is at hand');
    expect(notOpening({ code: 'vault-missing', path, backups: 0 }).advice).toContain('no backup');
  });
});
