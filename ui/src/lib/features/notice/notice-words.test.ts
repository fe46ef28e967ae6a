import { describe, expect, it } from 'vitest';
import type { NoticeView } from '$lib/api/client';
import { byUrgency, noticeWords, reunionWords } from './notice-words';

const notices: Record<NoticeView['kind'], NoticeView> = {
  'bin-emptied': { kind: 'bin-emptied', items: 1 },
  'clock-off': { kind: 'clock-off', offset_secs: 95, host: 'sts.amazonaws.com' },
  'half-made-device': { kind: 'half-made-device', identity: '1', name: 'laptop' },
  forked: { kind: 'forked' },
  merged: { kind: 'merged', conflicts: 1, taken: 3 },
  'read-only': { kind: 'read-only', place: true },
  restored: {
    kind: 'restored',
    saved_at: '2026-11-20T10:00:00Z',
    missing_saves: 2,
    last_save_at: '2026-11-20T11:00:00Z',
    passed_over: 1,
  },
  'rolled-back': { kind: 'rolled-back', seen: 12, found: 9 },
  'state-reset': { kind: 'state-reset' },
  strengthened: { kind: 'strengthened' },
  unsaved: { kind: 'unsaved', error: { code: 'disk-full', path: '/vault' } },
};

describe('notices', () => {
  it.each(Object.values(notices))('have words: $kind', (notice) => {
    const said = noticeWords(notice);
    expect(said.title).not.toMatch(/undefined|\.$/);
    expect(said.text).toMatch(/\.$/);
  });

  it('of a restored backup says what is missing, as far as this machine knows', () => {
    expect(noticeWords(notices.restored).text).toMatch(/2 saves .* missing, the last of 20 November .* 1 newer backup/);
    const elsewhere = { ...notices.restored, missing_saves: 0, last_save_at: null, passed_over: 0 } as NoticeView;
    expect(noticeWords(elsewhere).text).toMatch(/^Whatever was changed after that is missing\./);
  });

  it('of a merge with the backups says what came back and what did not', () => {
    const all = { taken: 2, conflicts: 1, unreadable: 1, complete: false };
    expect(reunionWords(all)).toMatch(/2 items were .* 1 item .* 1 backup .* last save is in no backup/);
    const nothing = { taken: 0, conflicts: 0, unreadable: 0, complete: true };
    expect(reunionWords(nothing)).toBe('The backups have nothing that the vault has not.');
  });

  it('come with the most urgent first, and keep their places for dismissing', () => {
    const list = [notices.merged, notices['clock-off'], notices.unsaved];
    expect(byUrgency(list).map((one) => one.index)).toEqual([2, 1, 0]);
  });
});
