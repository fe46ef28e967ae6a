import { describe, expect, it } from 'vitest';
import { groupedAccountId, groupedCode } from './code';
import { exactDate, relativeDate } from './date';
import { behindOrAhead, counted, duration, durationInWords } from './duration';
import { fileSize } from './size';

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [5400, '1 h 30 min'],
    [86_400, '1 d'],
    [129_600, '1 d 12 h'],
    [-5, '0 s'],
  ])('%d s is %s', (secs, text) => expect(duration(secs)).toBe(text));

  it('are written out for choices', () => {
    expect(durationInWords(900)).toBe('15 minutes');
    expect(durationInWords(5400)).toBe('1 hour 30 minutes');
    expect(durationInWords(1)).toBe('1 second');
  });

  it('say which way a clock is off', () => {
    expect(behindOrAhead(40)).toBe('40 s behind');
    expect(behindOrAhead(-120)).toBe('2 min ahead of');
  });

  it('count with the right noun', () => {
    expect(counted(1, 'key', 'keys')).toBe('1 key');
    expect(counted(10_000, 'key', 'keys')).toBe('10,000 keys');
  });
});

describe('dates', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');

  it.each([
    ['2026-11-23T11:59:30Z', 'just now'],
    ['2026-11-23T11:48:00Z', '12 minutes ago'],
    ['2026-11-23T09:00:00Z', '3 hours ago'],
    ['2026-11-22T11:00:00Z', 'yesterday'],
    ['2026-12-03T12:00:00Z', 'in 10 days'],
    ['2026-12-23T11:59:59Z', 'in 30 days'],
    ['2026-09-24T12:00:00Z', '24 Sept 2026'],
  ])('%s is %s', (iso, text) => expect(relativeDate(iso, now)).toBe(text));

  it('that are none are shown as they came', () => {
    expect(relativeDate('soon', now)).toBe('soon');
    expect(exactDate('soon')).toBe('soon');
  });
});

describe('groups', () => {
  it('split codes of any length', () => {
    expect(groupedCode('123456')).toBe('123 456');
    expect(groupedCode('1234567')).toBe('123 4567');
    expect(groupedCode('12345678')).toBe('1234 5678');
  });

  it('split account ids, and nothing else', () => {
    expect(groupedAccountId('123456789012')).toBe('1234-5678-9012');
    expect(groupedAccountId('12')).toBe('12');
  });

  it('measure files', () => {
    expect(fileSize(512)).toBe('512 bytes');
    expect(fileSize(196_608)).toBe('192 KiB');
    expect(fileSize(1_468_006)).toBe('1.4 MiB');
  });
});
