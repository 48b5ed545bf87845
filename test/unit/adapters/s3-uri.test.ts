import { expect, test } from 'vitest';
import { parseS3Uri, quoteEtag } from '../../../src/adapters/s3/s3-uri.ts';

test.each([
  ['s3://lake/a/b c.json', { Bucket: 'lake', Key: 'a/b c.json' }],
  ['s3://lake/a//b/', { Bucket: 'lake', Key: 'a//b/' }],
  ['s3://lake/', { Bucket: 'lake', Key: '' }],
  ['s3://lake', { Bucket: 'lake', Key: '' }],
])('%s', (uri, parts) => {
  expect(parseS3Uri(uri)).toEqual(parts);
});

test.each(['lake/key', 's3:/lake/key', 'https://lake/key', 's3:///key'])('refuses %s', (uri) => {
  expect(() => parseS3Uri(uri)).toThrow(uri);
});

test('etags are the same with and without quotes', () => {
  expect(quoteEtag('abc-2')).toBe('"abc-2"');
  expect(quoteEtag('"abc-2"')).toBe('"abc-2"');
});
