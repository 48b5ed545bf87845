import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import type { ExtractPart } from '../../src/core/manifest.ts';
import type { EntityToExtract, ExtractRequest } from '../../src/ports/source.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';
import { installExport } from '../support/rds-export.ts';
import { contractBucket } from './contract-target.ts';

const client = new S3Client({});
const store = createS3ObjectStore(client);
const prefix = `contract/${randomUUID()}`;
const region = process.env.AWS_REGION ?? 'us-east-1';
let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;
const open = () =>
  createPostgresSource({
    url: server.url('reader', 'of-the-reader'),
    name: 'shop',
    method: 'rds-export',
    region,
    partSizeBytes: 32 * 8_192,
  });

beforeAll(async () => {
  server = await startPostgres();
  await server.sql(
    "create role reader login password 'of-the-reader'; alter default privileges grant select on tables to reader",
  );
  source = open();
});

afterAll(async () => {
  await source.close();
  await server.stop();
  client.destroy();
});

let tries = 0;
function request(entities: EntityToExtract[], options: Partial<ExtractRequest> = {}) {
  const number = ++tries;
  return captureRequest(entities, {
    upload: async () => {
      throw new Error('nothing goes through the worker');
    },
    store: {
      locate: (entity, part) => `s3://${contractBucket}/${prefix}/${number}/${entity}/part-${part}.csv`,
      head: (uri) => store.head(uri),
    },
    ...options,
  });
}

async function read({ uri, sizeBytes }: ExtractPart): Promise<string> {
  expect(await store.head(uri)).toMatchObject({ sizeBytes });
  return (await store.readRange(uri, 0, sizeBytes)).toString();
}

test('without the extension, the error and the doctor say what is missing', async () => {
  await server.sql('create table early (id int)');
  const refused = source.extract(request([entityOf('public.early', ['id integer'])]));
  await expect(refused).rejects.toMatchObject({ code: 'SOURCE_ACCESS_DENIED' });
  await expect(refused).rejects.toThrow(/needs extension aws_s3: CREATE EXTENSION aws_s3 CASCADE/);
  expect(await source.probe(['public.early'])).toEqual([expect.stringContaining('CREATE EXTENSION aws_s3')]);
  await installExport(server, 'reader');
  await server.sql('revoke usage on schema aws_s3 from reader');
  expect(await source.probe(['public.early'])).toEqual([expect.stringContaining('may not use aws_s3')]);
  await server.sql('grant usage on schema aws_s3 to reader');
  expect(await source.probe(['public.early'])).toEqual([]);
});

describe('with the extension', () => {
  test('the database writes parts of one snapshot itself, and rows and bytes are what it says', async () => {
    await server.sql(`
      create table lines (id bigint primary key, note text, at timestamptz, amount numeric(10,2));
      insert into lines select i, case i % 4 when 0 then null when 1 then '' else E'a "quoted",\\r\\n\\u2028 line ' || repeat('x', 900) end,
        '2024-01-01 02:00+02', i / 100.0 from generate_series(1, 1500) i`);
    const entity = entityOf(
      'public.lines',
      ['id bigint', 'note text', 'at timestamptz', 'amount numeric(10,2)'],
      undefined,
      ['amount'],
    );
    const streamed = captureRequest([entity]);
    const copying = createPostgresSource({ url: server.url('reader', 'of-the-reader'), name: 'shop' });
    const reference = await copying.extract(streamed);
    await copying.close();

    let isFirst = true;
    const moving = request([entity]);
    const { head } = moving.store!;
    const { entities, snapshot } = await source.extract({
      ...moving,
      store: {
        ...moving.store!,
        head: async (uri) => {
          // Committed after the first part and before the others.
          const writes = isFirst;
          isFirst = false;
          if (writes)
            await server.sql("update lines set note = 'late'; insert into lines values (9999, '', now(), 1)");
          return head(uri);
        },
      },
    });
    const { parts, rowCount, csvBytes, source: totals, watermark } = entities.lines!;
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.every((part) => part.sha256 === null)).toBe(true);
    expect(rowCount).toBe(1500);
    expect(totals).toEqual(reference.entities.lines!.source);
    expect(watermark).toBe(snapshot.xmin);
    expect(csvBytes).toBe(parts.reduce((sum, part) => sum + part.sizeBytes, 0));
    const header = 'id,note,at,amount\n';
    const texts = await Promise.all(parts.map(read));
    expect(texts.every((text) => text.startsWith(header))).toBe(true);
    const whole = texts.map((text) => text.slice(header.length)).join('');
    expect(header + whole).toBe(streamed.csv('lines'));

    // The next run reads what was written meanwhile, by the same rule.
    const next = await source.extract(
      request([{ ...entity, read: { mode: 'incremental', fromXid: watermark! } }]),
    );
    expect(next.entities.lines!.rowCount).toBe(1501);
  });

  test('a broken export goes on from the parts that are stored', async () => {
    await server.sql(
      "create table broken (id int primary key, note text); insert into broken select i, repeat('x', 900) from generate_series(1, 1500) i",
    );
    const entity = entityOf('public.broken', ['id integer', 'note text']);
    let work: ExtractRequest['resume'];
    const first = request([entity], {
      onFinished: (now) => {
        work = now;
        if (now.parts.length === 2) throw new Error('the worker dies');
      },
    });
    await expect(source.extract(first)).rejects.toThrow('the worker dies');
    await server.sql("update broken set note = 'late' where id in (1, 1500)");
    const { entities, laterSnapshots } = await source.extract(request([entity], { resume: work }));
    const { parts } = entities.broken!;
    expect(laterSnapshots).toHaveLength(1);
    expect(parts.slice(0, 2).map((part) => part.uri)).toEqual(work!.parts.map((part) => part.uri));
    const rows = new Map<string, string>();
    for (const part of parts.toSorted((a, b) => ((a.order ?? '') < (b.order ?? '') ? -1 : 1))) {
      for (const line of (await read(part)).trim().split('\n').slice(1)) {
        const [id, note] = line.split(',') as [string, string];
        rows.set(id, note);
      }
    }
    expect(rows.size).toBe(1500);
    expect(
      [...rows]
        .filter(([, note]) => note === 'late')
        .map(([id]) => id)
        .sort(),
    ).toEqual(['1', '1500']);
  });

  test('what the database would split is read in smaller pieces, each with its header line', async () => {
    await server.sql(
      "create table wide (id int primary key, note text); insert into wide select i, repeat('x', 900) from generate_series(1, 200) i",
    );
    await server.sql("alter role reader set export.split_bytes = '60000'");
    const asked = request([entityOf('public.wide', ['id integer', 'note text'])]);
    const { parts, rowCount, csvBytes } = (await source.extract(asked)).entities.wide!;
    expect(rowCount).toBe(200);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.every(({ sizeBytes }) => sizeBytes <= 60_000)).toBe(true);
    expect(csvBytes).toBe(parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const texts = await Promise.all(parts.map(read));
    const ids = texts.flatMap((text, nth) => {
      const [header, ...lines] = text.trim().split('\n');
      expect(header).toBe('id,note');
      expect(lines).toHaveLength(parts[nth]!.rowCount);
      return lines.map((line) => Number(line.split(',')[0]));
    });
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
    // The database did split, and nobody refers to what came of that.
    expect(await store.head(`${parts[0]!.uri}_part2`)).not.toBeNull();

    await server.sql('create view wide_view as select * from wide');
    const refused = source.extract(request([entityOf('public.wide_view', ['id integer', 'note text'])]));
    await expect(refused).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
    await expect(refused).rejects.toThrow(
      /no blocks to read it in smaller pieces; read this source by method copy/,
    );
    await server.sql('alter role reader reset all');
  });

  test('keys are compared beside an export, and those of differing buckets come through the worker', async () => {
    const entity = {
      ...entityOf('public.lines', ['id bigint']),
      compare: { kind: 'keys', bucketCount: 16 } as const,
    };
    const { store: exported } = request([entity]);
    let counted = 0;
    const asked = captureRequest([entity], {
      store: exported,
      compareBuckets: async (_, parts, buckets) => {
        expect(parts.every(({ uri }) => uri.endsWith('.csv'))).toBe(true);
        counted = buckets.reduce((sum, { rowCount }) => sum + rowCount, 0);
        return buckets.slice(0, 1).map(({ bucket }) => bucket);
      },
    });
    const { drills, entities } = await source.extract(asked);
    expect(counted).toBe(entities.lines!.rowCount);
    const [drilled] = drills!.lines!.parts;
    expect(drilled!.rowCount).toBeGreaterThan(0);
    expect(asked.csv('lines').split('\n')).toHaveLength(drilled!.rowCount + 2);
    expect(asked.csv('lines')).toMatch(/^_key\n-?\d+\n/);
  });

  const small = entityOf('public.early', ['id integer']);

  test('an object that is not as large as the database says is not believed', async () => {
    const asked = request([small]);
    for (const head of [async () => null, async () => ({ sizeBytes: 2, etag: '' })]) {
      const refused = source.extract({ ...asked, store: { ...asked.store!, head } });
      await expect(refused).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
      await expect(refused).rejects.toThrow(/says that it wrote 3 bytes to s3:.*the store holds (2|none)/);
    }
  });

  test('a bucket that refuses the database is an error of access', async () => {
    const asked = request([small]);
    const key = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
    const stranger = await startPostgres();
    process.env.AWS_SECRET_ACCESS_KEY = key;
    await stranger.sql(
      "create role reader login password 'of-the-reader'; create table early (id int); grant select on early to reader",
    );
    await installExport(stranger, 'reader');
    const refused = createPostgresSource({
      url: stranger.url('reader', 'of-the-reader'),
      name: 'shop',
      method: 'rds-export',
      region,
    }).extract(asked);
    await expect(refused).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
    await expect(refused).rejects.toThrow(/IAM role for the feature s3Export/);
    await stranger.stop();
  });
});
