/**
 * A program: a stretch of network that is slow and stalls. Arguments: where to listen, where to go, both host:port; delay
 * of every piece, ms; how long it flows between stalls, and how long these last, ms.
 */
import { connect, createServer, type Socket } from 'node:net';

const [listen = '', target = '', delay = '0', flow = '1000', stall = '0'] = process.argv.slice(2);
const hostPort = (text: string): { host: string; port: number } => {
  const [host, port] = text.split(':');
  return { host: host!, port: Number(port) };
};

/** Times before which nothing passes. */
let openAt = 0;
setInterval(() => (openAt = Date.now() + Number(stall)), Number(flow) + Number(stall));

/** Hands over what comes, in its order, late; a stall holds all of it. */
function pass(from: Socket, to: Socket): void {
  let last = Promise.resolve();
  from.on('data', (piece: Buffer) => {
    const due = Math.max(Date.now() + Number(delay), openAt);
    last = last
      .then(() => new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now()))))
      .then(() => void to.write(piece));
  });
  from.on('close', () => to.destroy()).on('error', () => to.destroy());
}

createServer((near) => {
  const far = connect(hostPort(target));
  pass(near, far);
  pass(far, near);
}).listen(hostPort(listen), () => process.stdout.write('listening\n'));
