import {
  type Field,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { QueryResult } from '../../ports/warehouse.ts';
import { callAws } from '../aws-errors.ts';
import { keepIntegersExact } from './exact-integers.ts';

type Value = QueryResult['rows'][number][number];

/** All pages of a finished statement's result. */
export async function readResult(client: RedshiftDataClient, id: string): Promise<QueryResult> {
  const rows: Value[][] = [];
  let columns: QueryResult['columns'] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetStatementResultCommand({ Id: id, NextToken });
    keepIntegersExact(command);
    const page = await callAws(
      { service: 'redshift-data', action: 'redshift-data:GetStatementResult', target: `statement ${id}` },
      (options) => client.send(command, options),
    );
    columns = (page.ColumnMetadata ?? []).map(({ label, name, typeName }) => ({
      name: label ?? name ?? '',
      type: typeName ?? '',
    }));
    for (const record of page.Records ?? []) rows.push(record.map(toValue));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return { columns, rows };
}

function toValue(field: Field): Value {
  if (field.isNull) return null;
  if (field.stringValue !== undefined) return field.stringValue;
  if (field.booleanValue !== undefined) return field.booleanValue;
  if (field.doubleValue !== undefined) return field.doubleValue;
  if (field.longValue !== undefined) {
    const isExact = Number.isSafeInteger(Number(field.longValue));
    return isExact ? Number(field.longValue) : String(field.longValue);
  }
  return field.blobValue === undefined ? null : Buffer.from(field.blobValue).toString('hex');
}
