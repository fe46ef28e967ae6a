import { describe, expect, it } from 'vitest';
import type { AwsProblem, UiError } from './client';
import { fieldMessage, sentence, words } from './errors';

const path = '/home/robin/vault.undercroft';
const aws = (kind: AwsProblem): UiError => ({
  code: 'aws',
  kind,
  aws_code: 'AccessDenied',
  aws_message: 'AWS said no',
  clock_offset_secs: -95,
  host: 'sts.amazonaws.com',
});

/** One of each; a code that is added to the backend makes this fail to compile. */
const problems: Record<UiError['code'], UiError> = {
  locked: { code: 'locked' },
  'at-link': {
    code: 'at-link',
    at: 'AssumeRole for arn:aws:iam::123456789012:role/admin',
    error: {
      code: 'aws',
      kind: 'access-denied',
      aws_code: 'AccessDenied',
      aws_message: 'not authorized to perform: sts:AssumeRole',
      clock_offset_secs: null,
      host: 'sts.amazonaws.com',
    },
  },
  'web-token': { code: 'web-token', problem: 'unreadable' },
  'no-such-profile': { code: 'no-such-profile' },
  'no-such-device': { code: 'no-such-device', several: true },
  'profile-unusable': { code: 'profile-unusable', reason: { kind: 'no-key', identity: 'robin.mason' } },
  'not-approved': { code: 'not-approved', reason: 'no-answer' },
  'wrong-password': { code: 'wrong-password', wait_secs: 8 },
  'password-needed': { code: 'password-needed' },
  'no-keychain': { code: 'no-keychain' },
  'mistyped-recovery-key': { code: 'mistyped-recovery-key' },
  'wrong-recovery-key': { code: 'wrong-recovery-key', wait_secs: 0 },
  'weak-password': { code: 'weak-password' },
  'not-a-vault': { code: 'not-a-vault', path },
  damaged: { code: 'damaged', path, backups: 1 },
  'too-new': { code: 'too-new', needs: '2.0' },
  'hostile-parameters': { code: 'hostile-parameters' },
  'vault-missing': { code: 'vault-missing', path, backups: 0 },
  'folder-missing': { code: 'folder-missing', path },
  'read-only': { code: 'read-only', path },
  'open-for-reading': { code: 'open-for-reading' },
  'no-permission': { code: 'no-permission', path },
  'disk-full': { code: 'disk-full', path },
  'in-use': { code: 'in-use', pid: 4711, agent: false },
  'agent-keeps-vault': { code: 'agent-keeps-vault', pid: 4711 },
  'already-exists': { code: 'already-exists', path },
  'key-replaced': { code: 'key-replaced' },
  disk: { code: 'disk', path, detail: 'Input/output error (os error 5)' },
  invalid: { code: 'invalid', problems: [{ field: 'name', message: 'A name is needed.' }] },
  'no-such-item': { code: 'no-such-item' },
  'duplicate-account': { code: 'duplicate-account', item: 'a', name: 'Payments', binned: true },
  'duplicate-identity': { code: 'duplicate-identity', item: 'a', binned: false },
  'too-many': { code: 'too-many', limit: 8 },
  'device-without-serial': { code: 'device-without-serial' },
  'device-makes-longer-codes': { code: 'device-makes-longer-codes' },
  import: { code: 'import', file: 'aegis.json', reason: 'import-damaged' },
  'too-large-for-json': { code: 'too-large-for-json' },
  'not-permitted': { code: 'not-permitted' },
  aws: aws('refused'),
  scan: { code: 'scan', problem: 'no-camera', detail: 'no camera is connected' },
  'iam-denied': {
    code: 'iam-denied',
    aws_message: 'not authorized',
    policy: '{}',
    needs_mfa_session: true,
    host: 'iam.amazonaws.com',
  },
  'no-clipboard': { code: 'no-clipboard' },
  'no-browser': { code: 'no-browser' },
  'browser-late': { code: 'browser-late' },
  'state-file': { code: 'state-file', path, detail: 'Permission denied' },
  'shortcut-taken': { code: 'shortcut-taken' },
  'bad-shortcut': { code: 'bad-shortcut' },
  'start-at-login': { code: 'start-at-login', detail: 'Permission denied (os error 13)' },
  'bad-message': { code: 'bad-message' },
  internal: { code: 'internal' },
};

const kinds: Record<AwsProblem, true> = {
  'wrong-or-reused-code': true,
  'wrong-serial': true,
  'clock-skew': true,
  'inactive-or-unknown-key': true,
  'signature-mismatch': true,
  'session-expired': true,
  'needs-long-term-key': true,
  'session-without-mfa': true,
  'access-denied': true,
  'role-denied': true,
  'region-not-enabled': true,
  'wrong-duration': true,
  'chained-too-long': true,
  'bad-policy': true,
  'bad-web-identity': true,
  'console-refused': true,
  throttled: true,
  unavailable: true,
  unreachable: true,
  'untrusted-certificate': true,
  timeout: true,
  'bad-answer': true,
  'hostile-environment': true,
  'entity-exists': true,
  'no-such-entity': true,
  'limit-exceeded': true,
  'delete-conflict': true,
  'temporarily-unmodifiable': true,
  refused: true,
};

describe('the words for failures', () => {
  it.each(Object.values(problems))('say what happened and what to do: $code', (problem) => {
    const said = words(problem);
    expect(said.title).toMatch(/\S{2,}.*[^.]$/);
    expect(said.advice).toMatch(/\.$/);
    expect(sentence(problem)).not.toMatch(/undefined|null|\[object/);
  });

  it.each(Object.keys(kinds) as AwsProblem[])('keep AWS’s own code for searching: %s', (kind) => {
    const said = words(aws(kind));
    expect(said.title).not.toBe('');
    expect(said.detail).toBe('AccessDenied: AWS said no');
  });

  it('tell every two AWS problems apart', () => {
    const titles = (Object.keys(kinds) as AwsProblem[]).map((kind) => words(aws(kind)).title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('say which way the clock is off', () => {
    expect(words(aws('clock-skew')).advice).toContain('1 min ahead of AWS');
  });

  it('say how long to wait after wrong passwords', () => {
    expect(words(problems['wrong-password']).advice).toContain('in 8 seconds');
    expect(words({ code: 'wrong-password', wait_secs: 0 }).advice).not.toContain('try again in');
  });

  it('stand beside the field that they are about', () => {
    expect(fieldMessage(problems.invalid, 'name')).toBe('A name is needed.');
    expect(fieldMessage(problems.invalid, 'alias')).toBeUndefined();
    const clause: UiError = { code: 'invalid', problems: [{ field: 'secret', message: 'type the secret access key' }] };
    expect(fieldMessage(clause, 'secret')).toBe('Type the secret access key.');
    expect(fieldMessage(problems.locked, 'name')).toBeUndefined();
  });
});
