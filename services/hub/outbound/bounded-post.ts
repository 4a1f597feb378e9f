import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { DipperError } from '@dipper/contract/errors';
import { type AddressGuard, hostOf } from './address-guard.ts';

export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfterSec: number | undefined;
  /** At most `MAX_ANSWER_BYTES` of it. */
  readonly body: string;
}

/** Name resolution, connection, sending and the answer together. */
export const POST_PATIENCE_MS = 10_000;
/** A receiver has nothing to tell that is longer; the rest is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Posts JSON to an address that somebody else chose: no redirect is followed, no proxy of the environment is used, the
 * connection is made to an address that was checked, and it ends after a time and a number of bytes.
 *
 * @throws DipperError WEBHOOK_ADDRESS_REFUSED; Error with a `code`, e.g. ECONNREFUSED, TIMEOUT, ABORTED
 */
export async function postBounded({ url, headers, body, guard, signal }: PostOptions): Promise<PostAnswer> {
  guard.check(url);
  const deadline = AbortSignal.timeout(POST_PATIENCE_MS);
  const either = AbortSignal.any([signal, deadline]);
  try {
    const addresses = await beforeAbort(guard.resolve(hostOf(url), url.protocol), either);
    return await exchange({ url, headers, body, signal: either, addresses, guard });
  } catch (cause) {
    if (deadline.aborted) throw Object.assign(new Error('no answer in time', { cause }), { code: 'TIMEOUT' });
    if (signal.aborted) throw Object.assign(new Error('stopped', { cause }), { code: 'ABORTED' });
    throw cause;
  }
}

type Addresses = Awaited<ReturnType<AddressGuard['resolve']>>;

function exchange(
  options: Omit<PostOptions, 'signal'> & { readonly signal: AbortSignal; readonly addresses: Addresses },
): Promise<PostAnswer> {
  const { url, headers, body, signal, addresses, guard } = options;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
        connection: 'close',
      },
      agent: false,
      lookup: pinnedTo(addresses),
      signal,
    });
    request.on('socket', (socket) =>
      socket.once('connect', () => {
        // What the kernel is connected to, whatever was asked for.
        if (socket.remoteAddress !== undefined && guard.isAllowed(socket.remoteAddress, url.protocol)) return;
        request.destroy(new DipperError('WEBHOOK_ADDRESS_REFUSED'));
      }),
    );
    request.once('error', reject);
    request.once('response', (answer) => {
      let bytes = 0;
      const chunks: Buffer[] = [];
      const finish = (): void =>
        resolve({
          status: answer.statusCode ?? 0,
          retryAfterSec: secondsOf(answer.headers['retry-after']),
          body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8'),
        });
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes < MAX_ANSWER_BYTES) return;
        finish();
        request.destroy();
      });
      answer.once('end', finish);
      answer.once('error', reject);
    });
    request.end(body);
  });
}

/** A resolver that knows only what was checked. */
function pinnedTo(addresses: Addresses): LookupFunction {
  return (_name, options, callback) => {
    const [first] = addresses;
    if (first === undefined) callback(new Error('no address'), '', 4);
    else if (options.all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

/** RFC 9110 §10.2.3, the form in seconds. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,7}$/.test(header) ? Number(header) : undefined;
}

async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
