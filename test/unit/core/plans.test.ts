import { describe, expect, it } from 'vitest';
import { makeCleanPlan } from '../../../src/core/clean-plan.ts';
import { findsDeleted } from '../../../src/core/clean-reads.ts';
import { parseModel } from '../../../src/core/model.ts';
import { makeModelPlan } from '../../../src/core/model-plan.ts';
import { assemblePipeline } from '../../../src/core/pipeline.ts';
import { customers, extractManifest, extractOf, orders, shop, tableOf } from './sample.ts';

const { snapshot } = extractManifest({});
const cleanPlan = (
  read: Parameters<typeof extractOf>[0],
  base = tableOf(['2024-01']) as ReturnType<typeof tableOf> | null,
) =>
  makeCleanPlan(
    'r2',
    [
      {
        entity: orders,
        reads: [{ extract: extractOf(read), order: snapshot.order, lastOrder: snapshot.order }],
        base,
        cleanPath: 's3://c/',
        quarantinePath: 's3://q/',
      },
    ],
    's3://state/result.json',
  );

describe('makeCleanPlan', () => {
  it('reads the keys of the base for an incremental read alone', () => {
    const inputs = (plan: ReturnType<typeof cleanPlan>) => plan.inputs.map((input) => input.view);
    expect(inputs(cleanPlan({}))).toEqual(['__raw_orders', '__keys_orders']);
    expect(inputs(cleanPlan({ read: { mode: 'full', reason: 'x' } }))).toEqual(['__raw_orders']);
    expect(inputs(cleanPlan({}, null))).toEqual(['__raw_orders']);
  });

  it('reads chunks of a backfill by one scan, and tells their snapshots by their files', () => {
    const chunk = (nth: number) => {
      const part = {
        uri: `s3://raw/orders/run=c${nth}-x1/t/part-00000.csv.gz`,
        sizeBytes: 1,
        rowCount: 1,
        sha256: null,
      };
      const order = `000${nth}`;
      return { extract: extractOf({ parts: [part] }), order, lastOrder: order };
    };
    const reads = [chunk(1), chunk(2)];
    const item = { entity: orders, reads, base: null, cleanPath: 's3://c/', quarantinePath: 's3://q/' };
    const plan = makeCleanPlan('r2', [item], 's3://state/result.json');
    expect(plan.inputs).toMatchObject([
      { view: '__raw_orders', paths: reads.map(({ extract }) => extract.parts[0]!.uri) },
    ]);
    expect(plan.statements[0]!.sql).toContain(
      "VALUES ('run=c1-x1/t/part-00000.csv.gz', '0001'), ('run=c2-x1/t/part-00000.csv.gz', '0002')",
    );
  });

  it('looks for deleted rows in a window, unless a clean rule changes the date', () => {
    const read = { mode: 'window', column: 'ordered_at', from: '2024-01-01', to: '2024-01-02' } as const;
    const views = (plan: ReturnType<typeof cleanPlan>) => plan.statements.map((each) => each.view);
    expect(views(cleanPlan({ read }))).toContain('__gone_orders');
    expect(views(cleanPlan({ read }, null))).not.toContain('__gone_orders');
    const entity = { ...orders, columns: { ordered_at: { ...orders.columns.ordered_at!, clean: 'x' } } };
    const { order } = snapshot;
    expect(
      findsDeleted(entity, tableOf(['']), { extract: extractOf({ read }), order, lastOrder: order }),
    ).toBe(false);
  });

  it('defines a view before it is read, and writes clean rows and quarantine', () => {
    const plan = cleanPlan({});
    const views = plan.statements.map((each) => each.view);
    expect(views).toEqual(
      ['typed', 'cleaned', 'derived', 'judged', 'clean', 'quarantine'].map((each) => `__${each}_orders`),
    );
    expect(plan.outputs.map(({ name, path, sums }) => ({ name, path, sums }))).toEqual([
      { name: 'clean/orders', path: 's3://c/', sums: ['total'] },
      { name: 'quarantine/orders', path: 's3://q/', sums: [] },
    ]);
    expect(plan.metrics.map((each) => each.name)).toEqual(['orders']);
  });
});

describe('makeModelPlan', () => {
  const model = (name: string, extra: string, sql: string) =>
    parseModel(
      name,
      `/*\ngrain: g\nkey: [id]\ncolumns: { id: { type: bigint }, month: { type: varchar(7) } }\n${extra}\n*/ ${sql}`,
      shop,
    );
  const pipeline = assemblePipeline(
    shop,
    [
      model('customer_dim', '', 'SELECT customer_id AS id, city AS month FROM customers'),
      model(
        'orders_fact',
        'incremental: orders\npartition_by: month',
        'SELECT o.order_id AS id, month FROM orders o, customers',
      ),
    ],
    {},
  );
  const plan = (replacesUpTo: string | null, floor: string | null = null) =>
    makeModelPlan({
      pipeline,
      runKey: 'r2',
      entities: {
        orders: {
          base: tableOf(['2024-01', '2024-02']),
          changes: ['s3://c/1'],
          replacesUpTo,
          floor,
          touched: ['2024-02'],
        },
        customers: { base: tableOf(['']), changes: null, replacesUpTo: null, floor: null, touched: [] },
      },
      models: ['customer_dim', 'orders_fact'],
      entityPath: (name) => `s3://e/${name}/`,
      tablePath: (name) => `s3://t/${name}/`,
      resultUri: 's3://state/result.json',
    });
  const sqlOf = (made: ReturnType<typeof plan>, view: string) =>
    made.statements.filter((each) => each.view === view).map((each) => each.sql);

  it('splits what is published into touched partitions and the rest', () => {
    const paths = Object.fromEntries(plan(null).inputs.map(({ view, paths: all }) => [view, all]));
    expect(paths.__base_orders).toEqual(['s3://lake/g1/2024-02/f.parquet']);
    expect(paths.__rest_orders).toEqual(['s3://lake/g1/2024-01/f.parquet']);
    expect(paths.__changes_orders).toEqual(['s3://c/1']);
  });

  it('replaces the older rows for a full read, and none for an incremental one', () => {
    expect(sqlOf(plan('0200.9'), '__fold_orders')[0]).toContain("__base_orders WHERE _snapshot > '0200.9'");
    expect(sqlOf(plan(null), '__fold_orders')[0]).toContain('__base_orders UNION ALL');
  });

  it('drops changes that a full read has settled', () => {
    expect(sqlOf(plan(null, '0100.9'), '__fold_orders')[0]).toContain(
      "__changes_orders WHERE _snapshot >= '0100.9'",
    );
  });

  it('hides rejected and deleted rows from models', () => {
    expect(sqlOf(plan(null), 'orders')[0]).toContain('WHERE _rejected IS NULL AND _deleted IS NULL');
  });

  it('gives each model its views just before it; an incremental one sees touched partitions', () => {
    const made = plan(null);
    expect(made.statements.map((each) => each.view).filter((view) => !view.startsWith('__'))).toEqual([
      customers.name,
      'customer_dim',
      orders.name,
      customers.name,
      'orders_fact',
    ]);
    expect(sqlOf(made, 'orders')[0]).not.toContain('__rest_orders');
    expect(sqlOf(made, 'customers')[0]).toContain('__rest_customers');
  });

  it('stores changed entities and every model', () => {
    expect(plan(null).outputs.map(({ name, partitionBy }) => [name, ...partitionBy])).toEqual([
      ['entity/orders', '_p'],
      ['model/customer_dim'],
      ['model/orders_fact', 'month'],
    ]);
  });
});
