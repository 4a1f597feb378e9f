import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const BLOCK = 512;

/** A ustar entry, POSIX.1-2001. */
function tarEntry(name: string, content: Buffer, { type = '0', prefix = '' } = {}): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** An npm tarball; a path over 100 characters goes into a pax record, one given as `prefix:name` into two fields. */
export function npmTarball(files: Record<string, Buffer>): Buffer {
  const entries = Object.entries(files).flatMap(([path, content]) => {
    const [prefix, name] = path.includes(':') ? path.split(':') : ['', path];
    if (prefix) return [tarEntry(name ?? '', content, { prefix: `package/${prefix}` })];
    const whole = `package/${path}`;
    if (whole.length <= 100) return [tarEntry(whole, content)];
    const record = ` path=${whole}\n`;
    const length = record.length + String(record.length + 3).length;
    return [
      tarEntry('PaxHeader', Buffer.from(`${length}${record}`), { type: 'x' }),
      tarEntry(whole.slice(0, 100), content),
    ];
  });
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]));
}

export function integrityOf(tarball: Buffer): string {
  return `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
}

export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
  /** How often a tarball was asked for. */
  readonly downloads: number;
}

/** A registry with one package in one version, speaking what npm's client needs. */
export async function startNpmRegistry(name: string, version: string, tarball: Buffer): Promise<NpmRegistry> {
  let downloads = 0;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) {
      downloads += 1;
      response.end(tarball);
      return;
    }
    if (decodeURIComponent(request.url ?? '') !== `/${name}`) {
      response.writeHead(404).end('{}');
      return;
    }
    const dist = { tarball: `${url}/${name}/-/${version}.tgz`, integrity: integrityOf(tarball) };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    get downloads() {
      return downloads;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
