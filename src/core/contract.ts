import { type ColumnType, canonicalType, parseColumnType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import type { Finding } from './verdict.ts';

/** What a source says of a table, as far as the contract is concerned; see ports/source. */
export interface TableFacts {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly uniqueKeys: readonly (readonly string[])[];
}

/** Compares a table with its definition: columns present, types, nullability, key. */
export function checkContract(entity: EntityDefinition, table: TableFacts | null): Finding[] {
  const finding = (severity: Finding['severity'], column: string | null, message: string): Finding => ({
    check: 'contract',
    severity,
    subject: entity.name,
    column,
    message,
    rowCount: null,
    failedCount: null,
    sampleKeys: [],
  });
  if (!table) return [finding('critical', null, `table ${entity.table} does not exist at the source`)];
  const found = new Map(table.columns.map((column) => [column.name, column]));
  const findings: Finding[] = [];
  for (const [name, wanted] of Object.entries(entity.columns)) {
    const column = found.get(name);
    if (!column) {
      findings.push(
        finding('critical', name, `column is missing in ${entity.table}; the contract says ${wanted.type}`),
      );
      continue;
    }
    const severity = compareTypes(wanted.type, column.type);
    if (severity)
      findings.push(
        finding(severity, name, `is ${column.type} at the source, ${wanted.type} in the contract`),
      );
    if (column.nullable && !wanted.nullable) {
      findings.push(
        finding('info', name, 'may be NULL at the source, not in the contract; such rows go to quarantine'),
      );
    }
  }
  for (const { name, type } of table.columns) {
    if (!(name in entity.columns))
      findings.push(
        finding(
          'info',
          name,
          `column (${type}) is new at the source and not in the contract; it is not read`,
        ),
      );
  }
  const isUnique = table.uniqueKeys.some((key) => key.every((name) => entity.key.includes(name)));
  if (!isUnique)
    findings.push(
      finding(
        'warning',
        null,
        `no primary key or unique index at the source covers (${entity.key.join(', ')}); duplicates are dropped`,
      ),
    );
  return findings;
}

/** Null when every value fits exactly; `warning` when a value may be too long; `critical` when it is another kind of type. */
function compareTypes(wanted: string, found: string): 'critical' | 'warning' | null {
  if (canonicalType(wanted) === canonicalType(found)) return null;
  const want = parseColumnType(wanted);
  const have = parseColumnType(found);
  if (!want) return 'critical';
  if (want.name === 'text') return null;
  const isCharacter = (name: string) => name === 'varchar' || name === 'char' || name === 'text';
  // Enums, citext and the like travel as text; a longer text is caught by the load's check, not lost.
  if (!have || have.name === 'printed') {
    if (isCharacter(want.name)) return null;
    // Values with more digits than the contract has room for go to quarantine.
    const isNumber = have?.as.startsWith('numeric') && !have.as.endsWith('[]');
    return want.name === 'numeric' && isNumber ? 'warning' : 'critical';
  }
  if (isCharacter(want.name) && isCharacter(have.name)) {
    const limit = (type: ColumnType) => ('length' in type ? type.length : Number.POSITIVE_INFINITY);
    return limit(have) <= limit(want) ? null : 'warning';
  }
  const whole = ['smallint', 'integer', 'bigint'];
  if (whole.includes(want.name) && whole.includes(have.name))
    return whole.indexOf(have.name) <= whole.indexOf(want.name) ? null : 'critical';
  if (want.name === 'numeric' && have.name === 'numeric') {
    return have.scale <= want.scale && have.precision - have.scale <= want.precision - want.scale
      ? null
      : 'critical';
  }
  return 'critical';
}
