import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ranges from which Linux and macOS take the local ports of outgoing connections: a service that is restarted
// on its port must not find it taken by somebody's connection.
const FIRST = 12_000;
const LAST = 32_000;

/** Finds `count` different ports of 127.0.0.1 on which nobody listens. They are free at that moment, not reserved. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(FIRST, LAST);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

/** Tells whether one could listen on the port of 127.0.0.1 now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
