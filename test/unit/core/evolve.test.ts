import { describe, expect, it } from 'vitest';
import { definePipeline } from '../../../src/core/definition.ts';
import { evolvePipeline, findEvolved } from '../../../src/core/evolve.ts';
import { parseModel } from '../../../src/core/model.ts';
import { makeModelPlan } from '../../../src/core/model-plan.ts';
import {
  assemblePipeline,
  entityColumns,
  entityFingerprint,
  findEntity,
  modelColumns,
  modelFingerprint,
} from '../../../src/core/pipeline.ts';
import type { Publication } from '../../../src/core/publication.ts';
import { extractManifest, extractOf, shopInput } from './sample.ts';

const input = shopInput();
input.entities[0]!.onDrift = 'evolve';
const definition = definePipeline(input);
const head = (more: string) =>
  `/*\ngrain: an order\nkey: [order_id]\n${more}\ncolumns:\n  order_id: { type: bigint }\n  total: { type: "numeric(12,2)" }\n*/ SELECT order_id, total FROM orders`;
const fact = parseModel('orders_fact', head('evolve: orders'), definition);
const pipeline = assemblePipeline(definition, [fact], {});
const note = { name: 'note', type: 'text' };
const total = { name: 'total', type: 'text' };
const published = (evolved: Publication['evolved']) => ({ evolved }) as unknown as Publication;
const reading = (...columns: { name: string; type: string }[]) => [
  extractManifest({ orders: extractOf({ columns: [...extractOf().columns, ...columns] }) }),
];

describe('evolvePipeline', () => {
  const effective = evolvePipeline(pipeline, { orders: [note, total] });
  const orders = findEntity(effective, 'orders');

  it('adds columns behind those of entity and model, whose own keep their meaning', () => {
    expect(entityColumns(orders).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'order_id bigint',
      'total numeric(12,2)',
      'ordered_at timestamptz',
      'note text',
      'month varchar(7)',
    ]);
    expect(modelColumns(effective.models[0]!).map(({ name }) => name)).toEqual(['order_id', 'total', 'note']);
  });

  it('masks what nobody has described, and allows NULL', () => {
    expect(orders.columns.note).toMatchObject({ nullable: true, pii: 'direct' });
  });

  it('leaves fingerprints alone, so that nothing is read or built again', () => {
    expect(entityFingerprint(orders)).toBe(entityFingerprint(findEntity(pipeline, 'orders')));
    expect(modelFingerprint(effective.models[0]!)).toBe(modelFingerprint(fact));
  });

  it('leaves a model alone that does not ask for it', () => {
    const plain = parseModel('orders_fact', head(''), definition);
    const others = evolvePipeline({ ...pipeline, models: [plain] }, { orders: [note] });
    expect(modelColumns(others.models[0]!)).toHaveLength(2);
  });

  it('joins new columns to the rows of the model by key', () => {
    const plan = makeModelPlan({
      pipeline: effective,
      runKey: 'r',
      entities: {},
      models: ['orders_fact'],
      entityPath: () => 's3://e/',
      tablePath: () => 's3://t/',
      resultUri: 's3://r',
    });
    const sql = plan.statements.find((each) => each.view === 'orders_fact')!.sql;
    expect(sql).toContain(
      '(SELECT m.`order_id`, m.`total`, e.`note` FROM (SELECT order_id, total FROM orders) m LEFT JOIN `orders` e ON m.`order_id` = e.`order_id`)',
    );
  });
});

describe('findEvolved', () => {
  it.each([
    ['nothing new', published(undefined), reading(), {}],
    ['what was read beside the contract', null, reading(note), { orders: [note] }],
    ['what is published, too', published({ orders: [note] }), reading(), { orders: [note] }],
    [
      'a type as it was first',
      published({ orders: [note] }),
      reading({ ...note, type: 'integer' }),
      { orders: [note] },
    ],
    ['not what the contract has taken up', published({ orders: [total] }), reading(), {}],
  ] as const)('%s', (_, base, extracts, expected) => {
    expect(findEvolved(pipeline, base, extracts)).toEqual(expected);
  });

  it('leaves out an entity that a decision left out', () => {
    expect(findEvolved(pipeline, null, reading(note), ['orders'])).toEqual({});
  });
});

describe('the head of a model that evolves', () => {
  it.each([
    ['an unknown entity', 'evolve: nothing', /evolve: "nothing" is not an entity/],
    ['an entity that it does not read', 'evolve: customers', /does not read "customers"/],
  ])('refuses %s', (_, more, message) => {
    expect(() => parseModel('orders_fact', head(more), definition)).toThrow(message);
  });

  it('refuses another key than the entity has', () => {
    const text = head('evolve: orders').replace('key: [order_id]', 'key: [total]');
    expect(() => parseModel('orders_fact', text, definition)).toThrow(/a row of the model has to be a row/);
  });
});
