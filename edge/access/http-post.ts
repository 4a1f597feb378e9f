import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { GateError } from './gate-error.ts';

export interface HttpReply {
  readonly status: number;
  readonly challenges: readonly string[];
  readonly location: string | undefined;
  readonly text: string;
}

export interface HttpPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A reply with one byte more is cut off and refused. */
  readonly maxReplyBytes: number;
  /** From the first packet to the last byte of the reply. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

async function readCapped(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = Number(response.headers['content-length'] ?? 0) > maxBytes ? Number.POSITIVE_INFINITY : 0;
  if (length === 0) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  }
  if (length > maxBytes) throw new GateError('GATE_REPLY_TOO_LARGE', `The reply is larger than ${maxBytes} bytes.`);
  return Buffer.concat(chunks).toString('utf8');
}

function challengesOf(response: IncomingMessage): string[] {
  return response.rawHeaders.filter(
    (_, i) => i % 2 === 1 && response.rawHeaders[i - 1]?.toLowerCase() === 'www-authenticate',
  );
}

function failure(error: unknown, options: HttpPost, deadline: AbortSignal, hasReply: boolean): GateError {
  const { url, timeoutMs, signal } = options;
  if (error instanceof GateError) return error;
  if (signal.aborted) return new GateError('GATE_ABORTED', 'The request was given up.', { cause: error });
  if (deadline.aborted) {
    return new GateError('GATE_TIMEOUT', `No whole answer from ${url.host} within ${timeoutMs} ms.`, { cause: error });
  }
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no reply';
  if (hasReply || reason.startsWith('HPE_')) {
    return new GateError('GATE_REPLY_INVALID', `${url.host} broke off its reply (${reason}).`, { cause: error });
  }
  return new GateError('GATE_UNREACHABLE', `No connection to ${url.host} (${reason}).`, { cause: error });
}

/**
 * One POST on a connection of its own: bounded in time and bytes, redirects reported and not followed.
 *
 * @throws GateError GATE_UNREACHABLE, GATE_TIMEOUT, GATE_REPLY_INVALID, GATE_REPLY_TOO_LARGE, GATE_ABORTED
 */
export async function post(options: HttpPost): Promise<HttpReply> {
  const { url, headers, body, timeoutMs, signal } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
    url,
    {
      method: 'POST',
      agent: false,
      headers: { ...headers, connection: 'close' },
      signal: AbortSignal.any([signal, deadline]),
    },
    resolve,
  );
  request.on('error', reject);
  request.end(body);
  let hasReply = false;
  try {
    const response = await promise;
    hasReply = true;
    return {
      status: response.statusCode ?? 0,
      challenges: challengesOf(response),
      location: response.headers.location,
      text: await readCapped(response, options.maxReplyBytes),
    };
  } catch (error) {
    throw failure(error, options, deadline, hasReply);
  } finally {
    request.destroy();
  }
}
