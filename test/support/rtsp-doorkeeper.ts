import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RtspDoorkeeper extends AsyncDisposable {
  readonly port: number;
  /** How many times a request with the right digest came. */
  readonly admitted: number;
}

/**
 * The door of an RTSP server and nothing behind it (RFC 2326, digest of RFC 2617): 401 to who does not know the
 * password, 404 to who does. `falls-silent` accepts connections and never answers.
 */
export async function startRtspDoorkeeper(
  user: { name: string; password: string } | 'falls-silent',
): Promise<RtspDoorkeeper> {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const nonce = randomBytes(8).toString('hex');
  const sockets = new Set<Socket>();
  let admitted = 0;

  function statusOf(request: string): string {
    if (user === 'falls-silent') return '';
    if (request.startsWith('OPTIONS')) return '200 OK';
    const field = (name: string) => new RegExp(`[ ,]${name}="([^"]*)"`).exec(request)?.[1] ?? '';
    const method = request.slice(0, request.indexOf(' '));
    const expected = md5(`${md5(`${user.name}:sim:${user.password}`)}:${nonce}:${md5(`${method}:${field('uri')}`)}`);
    if (field('username') !== user.name || field('response') !== expected) return '401 Unauthorized';
    admitted += 1;
    return '404 Not Found';
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        if (user === 'falls-silent') return;
        const sequence = /CSeq: (\d+)/i.exec(request)?.[1] ?? '0';
        const challenge = `WWW-Authenticate: Digest realm="sim", nonce="${nonce}"\r\n`;
        socket.write(`RTSP/1.0 ${statusOf(request)}\r\nCSeq: ${sequence}\r\n${challenge}\r\n`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get admitted() {
      return admitted;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
