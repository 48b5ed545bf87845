import { Client, Connection, type OperatorService } from '@temporalio/client';
import * as attributes from '../workflows/search-attributes.ts';
import type { Config } from './config.ts';

/** A Temporal client as the configuration says; close `connection` after use. */
export async function connectTemporal({ temporal }: Pick<Config, 'temporal'>): Promise<Client> {
  const connection = await Connection.connect({
    address: temporal.address,
    tls: temporal.tls,
    apiKey: temporal.apiKey,
    connectTimeout: 5_000,
  });
  return new Client({ connection, namespace: temporal.namespace });
}

/** Types of search attributes as Temporal's command line names them. */
const TYPE_NAMES: Readonly<Record<string, string>> = { KEYWORD: 'Keyword', DATETIME: 'Datetime' };

/**
 * The command that makes the search attributes which a namespace lacks; null when it has all. Each run sets them, and
 * waits for ever where one is missing. Fails on Temporal Cloud, which does not tell.
 */
export async function commandForMissingAttributes(
  operatorService: OperatorService,
  namespace: string,
): Promise<string | null> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const { scheduledStartTimeKey: _, ...own } = attributes;
  const missing = Object.values(own).filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return null;
  const flags = missing.map(({ name, type }) => `--name ${name} --type ${TYPE_NAMES[type] ?? type}`);
  return `temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}`;
}
