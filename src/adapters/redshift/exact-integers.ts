import type { GetStatementResultCommand } from '@aws-sdk/client-redshift-data';

/**
 * Makes a result's integers of more than 15 digits arrive as text. `JSON.parse` would round them in silence:
 * what lies beyond 2^53 has to be quoted before it gets there.
 */
export function keepIntegersExact(command: GetStatementResultCommand): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body: AsyncIterable<Uint8Array> | Uint8Array };
      response.body = quoteLongIntegers(await readText(response.body));
      return result;
    },
    // Below the SDK's own deserializer, which is of normal priority.
    { name: 'keepIntegersExact', step: 'deserialize', priority: 'low' },
  );
}

/** Within a string of the JSON the member's name would have escaped quotes, so that only numbers match. */
function quoteLongIntegers(text: string): Uint8Array {
  return Buffer.from(text.replace(/("longValue"\s*:\s*)(-?\d{16,})/g, '$1"$2"'));
}

async function readText(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
