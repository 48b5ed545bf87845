import { expect, test } from 'vitest';
import { describeReadError } from '../../src/describe-read-error.ts';

test.each([
  ['ENOENT', 'is not there; correct the path'],
  ['ENOTDIR', 'is not there; correct the path'],
  ['EISDIR', 'is a folder; name a file in it'],
  ['EACCES', 'cannot be read: there is no permission; let this user read it (EACCES)'],
  ['EIO', 'cannot be read: i/o error'],
])('a file error %s is told in words', (code, words) => {
  expect(describeReadError(Object.assign(new Error('i/o error'), { code }))).toBe(words);
});
