import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** The next request for which `matches` is true is carried out, and its answer is lost. */
  loseAnswer(matches: (request: IncomingMessage) => boolean): void;
  /** The next matching request is lost on its way there, after `meanwhile` has run. */
  loseRequest(matches: (request: IncomingMessage) => boolean, meanwhile?: () => Promise<unknown>): void;
  /** Requests that were cut. */
  readonly cutCount: number;
}

interface Cut {
  readonly matches: (request: IncomingMessage) => boolean;
  readonly isForwarded: boolean;
  readonly meanwhile: (() => Promise<unknown>) | undefined;
}

/** Stands between a client and a plain HTTP service and cuts chosen connections, once each. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const cuts: Cut[] = [];
  let cutCount = 0;
  const server = createServer(async (incoming, answer) => {
    const index = cuts.findIndex(({ matches }) => matches(incoming));
    const cut = index < 0 ? undefined : cuts.splice(index, 1)[0];
    if (cut) cutCount++;
    if (cut && !cut.isForwarded) {
      await cut.meanwhile?.();
      incoming.socket.destroy();
      return;
    }
    // Host goes on as it came: it is signed.
    const { method, url, headers } = incoming;
    const forwarded = request({ hostname, port, method, path: url, headers }, (reply) => {
      if (cut) {
        reply.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    forwarded.on('error', () => incoming.socket.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer: (matches) => void cuts.push({ matches, isForwarded: true, meanwhile: undefined }),
    loseRequest: (matches, meanwhile) => void cuts.push({ matches, isForwarded: false, meanwhile }),
    get cutCount() {
      return cutCount;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
