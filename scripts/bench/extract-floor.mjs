// `extract-floor.mjs TABLE`: COPY to nowhere. It throws away what the socket gives, without a look at it, until the
// server says that it is ready again; no client that keeps the data can be faster.
import pg from 'pg';

const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const client = new pg.Client({ connectionString: process.env.TIDEMARK_SOURCE_SHOP_URL });
await client.connect();
const socket = client.connection.stream;
socket.removeAllListeners('data');
let bytes = 0;
socket.on('data', (chunk) => {
  bytes += chunk.length;
  if (!chunk.subarray(-READY.length).equals(READY)) return;
  console.log(JSON.stringify({ wireBytes: bytes }));
  socket.destroy();
});
client.on('error', () => undefined);
client.connection.query(`COPY public.${process.argv[2]} TO STDOUT (FORMAT csv, HEADER)`);
