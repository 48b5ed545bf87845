import { type ColumnInfo, plainColumn } from '../column-info.ts';
import { RedshiftError, syntaxError, unsupported } from '../errors.ts';
import type { Cursor, QualifiedName } from '../sql/cursor.ts';
import { Cursor as NodeCursor } from '../sql/cursor.ts';
import { columnNames } from '../sql/query.ts';
import { reservedWords } from '../sql/reserved-words.ts';
import { describeNode, isWord, type Node, splitCommas } from '../sql/tree.ts';
import { type DataType, readType } from '../sql/types.ts';

/** A column of CREATE TABLE or ADD COLUMN. */
export interface ColumnDefinition {
  column: ColumnInfo;
  type: DataType;
  defaultNodes: Node[] | undefined;
  /** Seed and step. */
  identity: { seed: number; step: number } | undefined;
}

/** What stands in the parentheses of CREATE TABLE. */
export interface TableDefinition {
  columns: ColumnDefinition[];
  /** Tables that foreign keys name; nothing enforces the keys. */
  references: QualifiedName[];
  like: { table: QualifiedName; withDefaults: boolean } | undefined;
}

/** DISTSTYLE, DISTKEY and SORTKEY: noted for the catalog views, without effect here. */
export interface TableAttributes {
  distKey: string | undefined;
  sortKeys: string[];
}

/** Reads the definitions of CREATE TABLE. Primary, unique and foreign keys are informational, as in Redshift. */
export function readTableDefinition(items: readonly Node[]): TableDefinition {
  const definition: TableDefinition = { columns: [], references: [], like: undefined };
  const primaryKey: string[] = [];
  for (const part of splitCommas(items)) {
    const cursor = new NodeCursor(part);
    if (cursor.take('like')) {
      const table = cursor.qualifiedName();
      const withDefaults = cursor.take('including', 'defaults');
      if (!withDefaults) cursor.take('excluding', 'defaults');
      definition.like = { table, withDefaults };
    } else if (isWord(cursor.peek(), 'primary', 'foreign', 'unique', 'constraint')) {
      primaryKey.push(...readConstraint(cursor, definition.references));
    } else {
      definition.columns.push(readColumn(cursor, definition.references));
    }
    cursor.expectEnd();
  }
  for (const name of primaryKey) {
    const found = definition.columns.find(({ column }) => column.name === name);
    if (found === undefined) throw new RedshiftError(`column "${name}" named in key does not exist`);
    found.column.isNullable = false;
  }
  return definition;
}

/** A table constraint; gives the columns of a primary key, which are NOT NULL. */
export function readConstraint(cursor: Cursor, references: QualifiedName[]): string[] {
  if (cursor.take('constraint')) cursor.identifier();
  if (cursor.take('primary', 'key')) return columnNames(cursor.expectGroup().items);
  if (cursor.take('unique')) columnNames(cursor.expectGroup().items);
  else {
    cursor.expect('foreign', 'key');
    columnNames(cursor.expectGroup().items);
    cursor.expect('references');
    references.push(cursor.qualifiedName());
    cursor.takeGroup();
  }
  return [];
}

const attributeWords = [
  'default',
  'identity',
  'generated',
  'encode',
  'distkey',
  'sortkey',
  'not',
  'null',
  'unique',
  'primary',
  'references',
  'collate',
];

/** Reads a column: name, type and attributes. */
export function readColumn(cursor: Cursor, references: QualifiedName[]): ColumnDefinition {
  const node = cursor.peek();
  if (node?.kind === 'word' && reservedWords.has(node.text)) throw syntaxError(describeNode(node));
  const name = cursor.identifier();
  const type = readType(cursor);
  const definition: ColumnDefinition = {
    column: plainColumn(name, type),
    type,
    defaultNodes: undefined,
    identity: undefined,
  };
  const { column } = definition;
  while (!cursor.atEnd) {
    if (cursor.take('not', 'null')) column.isNullable = false;
    else if (cursor.take('null')) column.isNullable = true;
    else if (cursor.take('default')) definition.defaultNodes = readDefault(cursor);
    else if (cursor.take('encode')) column.encoding = cursor.identifier();
    else if (cursor.take('distkey')) column.isDistKey = true;
    else if (cursor.take('sortkey')) column.sortKey = 1;
    else if (cursor.take('primary', 'key')) column.isNullable = false;
    else if (cursor.take('references')) {
      references.push(cursor.qualifiedName());
      cursor.takeGroup();
    } else if (isWord(cursor.peek(), 'identity', 'generated')) readIdentity(cursor, definition);
    else if (!cursor.take('unique')) throw cursor.unexpected();
  }
  return definition;
}

// The first word belongs to the value even when it is NULL.
function readDefault(cursor: Cursor): Node[] {
  return [cursor.next(), ...cursor.until(...attributeWords)];
}

function readIdentity(cursor: Cursor, definition: ColumnDefinition): void {
  const isByDefault = cursor.take('generated', 'by', 'default', 'as');
  cursor.expect('identity');
  const [seed, step] = splitCommas(cursor.expectGroup().items).map((part) => new NodeCursor(part).integer());
  if (seed === undefined || step === undefined) throw syntaxError('identity');
  if (!/^(integer|bigint)$/.test(definition.type.display)) {
    throw new RedshiftError('identity column must be INT or BIGINT');
  }
  definition.identity = { seed, step };
  definition.column.identity = isByDefault ? 'default' : 'always';
  definition.column.isNullable = false;
}

/** Reads table attributes up to AS or the end. */
export function readTableAttributes(cursor: Cursor): TableAttributes {
  const attributes: TableAttributes = { distKey: undefined, sortKeys: [] };
  while (!cursor.atEnd && !cursor.sees('as')) {
    if (cursor.take('diststyle')) {
      const style = cursor.identifier();
      if (!['even', 'key', 'all', 'auto'].includes(style)) throw syntaxError(style);
    } else if (cursor.take('distkey')) {
      const names = columnNames(cursor.expectGroup().items);
      if (names.length !== 1) throw new RedshiftError('DISTKEY takes one column');
      attributes.distKey = names[0];
    } else if (cursor.take('backup')) {
      cursor.identifier();
    } else if (cursor.take('encode', 'auto') || cursor.take('sortkey', 'auto')) {
      // The default.
    } else if (cursor.sees('auto', 'refresh')) {
      cursor.expect('auto', 'refresh');
      cursor.identifier();
    } else {
      if (cursor.take('interleaved')) throw unsupported('INTERLEAVED SORTKEY; use COMPOUND');
      cursor.take('compound');
      cursor.expect('sortkey');
      attributes.sortKeys = columnNames(cursor.expectGroup().items);
    }
  }
  return attributes;
}

/** Notes distribution and sort keys on the columns; an unknown column is refused. */
export function applyAttributes(columns: ColumnInfo[], { distKey, sortKeys }: TableAttributes): void {
  const find = (name: string): ColumnInfo => {
    const column = columns.find((one) => one.name === name);
    if (column === undefined) throw new RedshiftError(`column "${name}" named in key does not exist`);
    return column;
  };
  if (distKey !== undefined) find(distKey).isDistKey = true;
  for (const [index, name] of sortKeys.entries()) find(name).sortKey = index + 1;
}
