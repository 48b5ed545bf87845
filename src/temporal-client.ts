import { Client, Connection } from '@temporalio/client';
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
