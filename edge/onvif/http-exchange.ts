import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { OnvifReplyInvalidError, OnvifReplyTooLargeError, OnvifUnreachableError } from './errors.ts';

export interface HttpReply {
  readonly status: number;
  /** Each WWW-Authenticate header by itself: a device may offer MD5 and SHA-256 side by side. */
  readonly challenges: readonly string[];
  readonly location: string | undefined;
  readonly contentType: string | undefined;
  readonly bytes: Buffer;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A reply with one byte more is cut off and refused. */
  readonly maxReplyBytes: number;
  /** Certificate authority to trust for https, PEM; the system's own when undefined. */
  readonly caPem: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

function challengesOf(response: IncomingMessage): string[] {
  const challenges: string[] = [];
  const { rawHeaders } = response;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const value = rawHeaders[i + 1];
    if (rawHeaders[i]?.toLowerCase() === 'www-authenticate' && value !== undefined) challenges.push(value);
  }
  return challenges;
}

async function readCapped(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new OnvifReplyTooLargeError(`The reply is larger than ${maxBytes} bytes.`);
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof OnvifReplyTooLargeError) throw cause;
    throw new OnvifReplyInvalidError('The device closed the connection in the middle of its reply.', { cause });
  }
  return Buffer.concat(chunks, length);
}

/**
 * One request on a connection of its own. Redirects are reported, not followed. There is no deadline here: whoever owns the
 * thread ends it, or gives a signal.
 *
 * @throws OnvifUnreachableError, OnvifReplyTooLargeError, OnvifReplyInvalidError
 */
export async function exchange(options: HttpRequest): Promise<HttpReply> {
  const { method, url, headers, body, maxReplyBytes, caPem, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const common = {
    ...{ method, agent: false as const, headers: { ...headers, connection: 'close' } },
    ...(signal === undefined ? {} : { signal }),
  };
  const request =
    url.protocol === 'https:'
      ? requestHttps(url, { ...common, ...(caPem === undefined ? {} : { ca: caPem }) }, resolve)
      : requestHttp(url, common, resolve);
  request.on('error', reject);
  request.end(body);
  let response: IncomingMessage;
  try {
    response = await promise;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reply';
    if (reason.startsWith('HPE_')) {
      throw new OnvifReplyInvalidError(`What answers at ${url.host} does not speak HTTP (${reason}).`, { cause });
    }
    throw new OnvifUnreachableError(`No connection to ${url.host} (${reason}).`, { cause });
  }
  try {
    return {
      status: response.statusCode ?? 0,
      challenges: challengesOf(response),
      location: response.headers.location,
      contentType: response.headers['content-type'],
      bytes: await readCapped(response, maxReplyBytes),
    };
  } finally {
    request.destroy();
  }
}
