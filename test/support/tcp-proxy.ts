import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that can go wrong. */
export interface TcpProxy {
  readonly port: number;
  /** From now on no byte passes in either direction, and nobody is told. */
  stall(): void;
  /** Connections opened from now on fall silent towards the client after so many bytes from the server. */
  stallAfter(byteCount: number): void;
  /**
   * Once so many bytes have come from the server, over all connections from the proxy's start, nothing comes from it
   * any more, until the function is called that this resolves to.
   */
  pauseAt(byteCount: number): Promise<() => void>;
  stop(): Promise<void>;
}

/** Passes connections on a free port to `targetPort` of this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  let total = 0;
  let pause: { readonly at: number; readonly reached: () => void } | null = null;
  let limit = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const own = limit;
    let passed = 0;
    const upstream = connect(targetPort, '127.0.0.1');
    upstreams.add(upstream);
    upstream.once('close', () => upstreams.delete(upstream));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      passed += chunk.length;
      if (passed > own) upstream.pause();
      else client.write(chunk);
      total += chunk.length;
      if (pause === null || total < pause.at) return;
      for (const each of upstreams) each.pause();
      pause.reached();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.removeAllListeners('data');
        socket.pause();
      }
    },
    stallAfter: (byteCount) => {
      limit = byteCount;
    },
    pauseAt: (byteCount) =>
      new Promise((resolve) => {
        const resume = () => {
          pause = null;
          for (const each of upstreams) each.resume();
        };
        pause = { at: byteCount, reached: () => resolve(resume) };
      }),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
