import { describe, expect, it } from 'vitest';
import type { NoticeView } from '$lib/api/client';
import { byUrgency, noticeWords } from './notice-words';

const notices: Record<NoticeView['kind'], NoticeView> = {
  'bin-emptied': { kind: 'bin-emptied', items: 1 },
  'clock-off': { kind: 'clock-off', offset_secs: 95, host: 'sts.amazonaws.com' },
  forked: { kind: 'forked' },
  merged: { kind: 'merged', conflicts: 1, taken: 3 },
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

  it('come with the most urgent first, and keep their places for dismissing', () => {
    const list = [notices.merged, notices['clock-off'], notices.unsaved];
    expect(byUrgency(list).map((one) => one.index)).toEqual([2, 1, 0]);
  });
});
