import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * An error that travels to the SDK client as AWS sends it.
 *
 * `code` becomes `__type` and the client's `error.name`; `status` is the HTTP status (default 400);
 * `fields` are further members of the error shape.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Record<string, unknown>;

  constructor(code: string, message: string, status = 400, fields: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/**
 * What goes wrong in one request: `throttle` and `error` refuse it undone, `drop` closes the socket undone,
 * `hang` never answers and never does it, `slow` waits `delayMs` and then does it, `lost-answer` does it and
 * then closes the socket, `hang-after` does it and never answers.
 */
type FaultMode = 'throttle' | 'error' | 'drop' | 'hang' | 'slow' | 'lost-answer' | 'hang-after';

/** One armed fault. It hits `times` matching requests after letting `after` of them pass, then is gone. */
interface Fault {
  /** Operation name, or `*` for every operation. */
  operation: string;
  mode: FaultMode;
  /** Requests to hit; default 1. */
  times: number;
  /** Matching requests to let through first; default 0. */
  after: number;
  /** Error code; default `ThrottlingException` for throttle, `InternalFailure` for error. */
  code?: string;
  message?: string;
  /** HTTP status; default 400 for throttle, 500 for error. */
  status?: number;
  /** Wait of `slow`, default 1000. */
  delayMs?: number;
}

/** An operation takes the parsed request and gives the answer; a `Date` in it is sent as an epoch-second number. */
export type Operation = (input: unknown) => Promise<unknown>;

/** What a stand-in hands to {@link serveAwsJson}. */
export interface AwsJsonOptions {
  /** What precedes the dot in `X-Amz-Target`, such as `ElasticMapReduce`, `AWSGlue` or `RedshiftData`. */
  targetPrefix: string;
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number;
  operations: Record<string, Operation>;
  /** Knobs of this stand-in beside `/_faults`: `POST <path>` with a JSON body, such as `/_steps`. */
  admin?: Record<string, Operation>;
  /** Largest request body; default 8 MiB. */
  maxBodyBytes?: number;
  /** Runs once after the last request has ended, before the process exits on SIGTERM or SIGINT. */
  onShutdown?: () => Promise<void>;
}

/** A listening stand-in. */
export interface AwsJsonServer {
  url: string;
  /** Takes no new requests, gives running ones 5 s, then closes every socket and calls `onShutdown`. */
  close(): Promise<void>;
}

const closeGraceMs = 5_000;

/**
 * Serves AWS JSON 1.1 to ordinary SDK clients on 127.0.0.1 and prints `ready http://127.0.0.1:P`.
 *
 * Dispatches on `X-Amz-Target`; answers errors as `{__type, message}`. The signature is not verified, but a
 * request without `Authorization` is refused. Ends the process on SIGTERM and SIGINT once requests are done.
 * Admin paths need no signature: `GET /_health`, `GET|POST|DELETE /_faults`, and those of `options.admin`.
 */
export async function serveAwsJson(options: AwsJsonOptions): Promise<AwsJsonServer> {
  const faults: Fault[] = [];
  const maxBodyBytes = options.maxBodyBytes ?? 8 * 1024 * 1024;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
    const body = await readBody(request, maxBodyBytes);
    if (path.startsWith('/_')) {
      return send(response, 200, (await answerAdmin(options, faults, request.method, path, body)) ?? {});
    }
    const name = operationName(request, options.targetPrefix);
    const operation = Object.hasOwn(options.operations, name) ? options.operations[name] : undefined;
    if (operation === undefined) throw new AwsError('UnknownOperationException', '');
    const input = parseBody(body);
    const fault = takeFault(faults, name);
    if (fault !== undefined) await applyBefore(fault, request);
    const output = await operation(input);
    if (fault?.mode === 'lost-answer') return void request.socket.destroy();
    if (fault?.mode === 'hang-after') return socketClosed(request);
    send(response, 200, output ?? {});
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendError(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), closeGraceMs);
      await closed;
      clearTimeout(timer);
      await options.onShutdown?.();
    })();
    return closing;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(`ready ${url}`);
  return { url, close };
}

function operationName(request: IncomingMessage, targetPrefix: string): string {
  if (request.headers.authorization === undefined) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  const target = String(request.headers['x-amz-target'] ?? '');
  const prefix = `${targetPrefix}.`;
  if (request.method !== 'POST' || !target.startsWith(prefix)) {
    throw new AwsError('UnknownOperationException', '');
  }
  return target.slice(prefix.length);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    // Read on without keeping: a client that is cut off while it writes sees a reset instead of the answer.
    if (sizeBytes <= maxBytes) chunks.push(chunk);
  }
  if (sizeBytes > maxBytes) {
    throw new AwsError('RequestEntityTooLargeException', `Request body exceeds ${maxBytes} bytes`, 413);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(body: string): Record<string, unknown> {
  try {
    const value: unknown = body === '' ? {} : JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Not JSON: refused below like every other body that is no object.
  }
  throw new AwsError('SerializationException', 'Start of structure or map found where not expected.');
}

async function answerAdmin(
  options: AwsJsonOptions,
  faults: Fault[],
  method: string | undefined,
  path: string,
  body: string,
): Promise<unknown> {
  if (path === '/_health') return { status: 'ok', service: options.targetPrefix };
  if (path === '/_faults') {
    if (method === 'POST') faults.push(parseFault(parseBody(body)));
    if (method === 'DELETE') faults.length = 0;
    return { faults };
  }
  const knob =
    options.admin !== undefined && Object.hasOwn(options.admin, path) ? options.admin[path] : undefined;
  if (knob === undefined || method !== 'POST') {
    throw new AwsError('NotFound', `No admin path ${method} ${path}`, 404);
  }
  return knob(parseBody(body));
}

const faultModes: readonly string[] = [
  'throttle',
  'error',
  'drop',
  'hang',
  'slow',
  'lost-answer',
  'hang-after',
] satisfies FaultMode[];

function parseFault(input: Record<string, unknown>): Fault {
  const mode = String(input.mode);
  if (!faultModes.includes(mode)) {
    throw new AwsError('InvalidFault', `mode: ${mode} is none of ${faultModes.join(', ')}`);
  }
  return {
    ...(input as Partial<Fault>),
    operation: String(input.operation ?? '*'),
    mode: mode as FaultMode,
    times: Number(input.times ?? 1),
    after: Number(input.after ?? 0),
  };
}

function takeFault(faults: Fault[], operation: string): Fault | undefined {
  for (const fault of faults) {
    if (fault.operation !== '*' && fault.operation !== operation) continue;
    if (fault.after > 0) {
      fault.after -= 1;
      continue;
    }
    fault.times -= 1;
    if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
    return fault;
  }
  return undefined;
}

async function applyBefore(fault: Fault, request: IncomingMessage): Promise<void> {
  switch (fault.mode) {
    case 'throttle':
      throw new AwsError(
        fault.code ?? 'ThrottlingException',
        fault.message ?? 'Rate exceeded',
        fault.status ?? 400,
      );
    case 'error':
      throw new AwsError(
        fault.code ?? 'InternalFailure',
        fault.message ?? 'Injected fault',
        fault.status ?? 500,
      );
    case 'drop':
      request.socket.destroy();
      throw new SocketGone();
    case 'hang':
      await socketClosed(request);
      throw new SocketGone();
    case 'slow':
      await delay(fault.delayMs ?? 1_000);
  }
}

/** Unwinds a request whose client is no longer there; nothing is sent. */
class SocketGone extends Error {}

function socketClosed(request: IncomingMessage): Promise<void> {
  if (request.socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => request.socket.once('close', () => resolve()));
}

function sendError(response: ServerResponse, error: unknown): void {
  if (error instanceof SocketGone || response.destroyed || response.headersSent) return;
  if (!(error instanceof AwsError)) console.error(error);
  const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
  const shape = { __type: known.code, message: known.message, ...known.fields };
  send(response, known.status, shape, { 'x-amzn-errortype': known.code });
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body, epochSeconds);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(text);
}

// JSON.stringify calls Date.toJSON before its replacer, so the untouched value is read from the holder.
function epochSeconds(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}
