import { describe, expect, it } from 'vitest';
import { lineOf, wordsOf } from './command-words';

describe('a command line', () => {
  it('is split at spaces, and quotes hold words together', () => {
    expect(wordsOf(`  /usr/bin/token --audience "sts amazonaws" 'a "b"' `)).toEqual([
      '/usr/bin/token',
      '--audience',
      'sts amazonaws',
      'a "b"',
    ]);
    expect(wordsOf('   ')).toEqual([]);
  });

  it.each([[['/opt/my tools/token', '--x']], [['a', '']], [['say "x"', '$HOME;rm']]])(
    'is written so that it splits the same way: %j',
    (words) => expect(wordsOf(lineOf(words))).toEqual(words),
  );
});
