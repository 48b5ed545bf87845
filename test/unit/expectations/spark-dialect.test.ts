import { describe, expect, test } from 'vitest';
import { parseColumnType } from '../../../src/expectations/column-type.ts';
import { sparkDialect } from '../../../src/expectations/sql/spark.ts';

describe('Spark SQL', () => {
  test('names and texts stay names and texts', () => {
    expect(sparkDialect.identifier('a`; drop table x')).toBe('`a``; drop table x`');
    expect(sparkDialect.string("it's \\' or 1=1")).toBe("'it\\'s \\\\\\' or 1=1'");
  });

  test('LIKE escapes nothing unless a suite says so', () => {
    expect(sparkDialect.matchesLike('x', 'a\\_%', null)).toBe("x like 'a\\\\_%' escape '!'");
    expect(sparkDialect.matchesLike('x', '10!%', null)).toBe("x like '10!%' escape '#'");
    expect(sparkDialect.matchesLike('x', '10!%', '!')).toBe("x like '10!%' escape '!'");
  });

  test.each([
    ['%Y-%m-%d %H:%M:%S', 'yyyy-MM-dd HH:mm:ss'],
    ['%d. %B %Yt', "dd. MMMM yyyy't'"],
    ["o'clock %I %p", "'o''clock' hh a"],
  ])('time format %s', (format, java) => {
    const sql = sparkDialect.tryParseTime('x', format);
    expect(sql).toBe(`try_to_timestamp(x, ${sparkDialect.string(java)})`);
  });

  test('what it has no counterpart for is refused', () => {
    expect(() => sparkDialect.tryParseTime('x', '%U')).toThrow('Spark has no counterpart of %U');
    expect(sparkDialect.judged(0, 'x')).toBeNull();
  });

  test('a text is an integer only where it looks like one', () => {
    expect(sparkDialect.tryCast('x', parseColumnType('integer'))).toBe(
      "case when x rlike '^(?:[+-]?[0-9]+)$' then try_cast(x as INT) end",
    );
  });

  test.each([
    ['^[^@]+@example\\.com$', '^[^@]+@example\\.com\\z'],
    ['[[:alpha:][:^digit:]_]', '[\\p{Alpha}\\P{Digit}_]'],
    ['[]a[&]', '[\\]a\\[\\&]'],
    ['(?P<year>\\d{4})-{', '(\\d{4})-\\{'],
    ['\\p{Greek}\\P{^L}\\pL', '\\p{IsGreek}\\p{L}\\pL'],
    ['(?m)^a$', '(?m)^a$'],
    ['[$]\\$\\]', '[$]\\$\\]'],
    ['a\\sb[\\s]\\v', 'a[\\t\\n\\f\\r ]b[\\t\\n\\f\\r ]\\x0B'],
    ['(?=a)\\1', '(?=a)\\1'],
  ])('pattern %s', (pattern, java) => {
    expect(sparkDialect.matchesRegex('x', pattern)).toBe(`x rlike ${sparkDialect.string(`(?du)${java}`)}`);
  });

  test.each(['\\C', '(?sU)a*', '\\101', '\\Qa\\E'])('pattern %s is refused', (pattern) => {
    expect(() => sparkDialect.matchesRegex('x', pattern)).toThrow('Spark has no counterpart of');
  });

  test.each(['a!', '!a'])('LIKE pattern %s is refused', (pattern) => {
    expect(() => sparkDialect.matchesLike('x', pattern, '!')).toThrow('Spark wants %, _ or ! after each !');
  });
});
