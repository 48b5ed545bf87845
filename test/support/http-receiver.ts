import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A real HTTP server that keeps what it is sent and answers as a test says. */
export interface HttpReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Decides the answer to the n-th request, from 1; default 200. */
  answer: (nth: number) => { readonly status: number; readonly headers?: Record<string, string> };
  close(): Promise<void>;
}

export async function openReceiver(): Promise<HttpReceiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      const { status, headers } = receiver.answer(received.length);
      response.writeHead(status, headers).end('the answer may quote a secret');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/T0-s3cr3t`,
    received,
    answer: () => ({ status: 200 }),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return receiver;
}
