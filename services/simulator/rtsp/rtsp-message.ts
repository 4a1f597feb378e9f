/** One request as it came (RFC 2326, 6). Header names are lower case. */
export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a connection carries: requests, binary frames of an interleaved channel, or something that is neither. */
export type RtspInput =
  | { readonly kind: 'request'; readonly request: RtspRequest }
  | { readonly kind: 'frame'; readonly channel: number; readonly payload: Buffer }
  | { readonly kind: 'malformed'; readonly cseq: string | undefined };

const MAX_HEADER_BYTES = 16_384;
const MAX_BODY_BYTES = 65_536;
const DOLLAR = 0x24;

/** Cuts the byte stream of a connection into messages. */
export class RtspParser {
  #pending: Buffer = Buffer.alloc(0);

  /** @returns what is complete; after `malformed` the rest of what came is dropped */
  push(chunk: Buffer): RtspInput[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const inputs: RtspInput[] = [];
    for (;;) {
      const input = this.#pending[0] === DOLLAR ? this.#takeFrame() : this.#takeRequest();
      if (input === undefined) return inputs;
      inputs.push(input);
      if (input.kind === 'malformed') {
        this.#pending = Buffer.alloc(0);
        return inputs;
      }
    }
  }

  #takeFrame(): RtspInput | undefined {
    if (this.#pending.length < 4) return undefined;
    const end = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < end) return undefined;
    const frame = { kind: 'frame', channel: this.#pending[1] ?? 0, payload: this.#pending.subarray(4, end) } as const;
    this.#pending = this.#pending.subarray(end);
    return frame;
  }

  #takeRequest(): RtspInput | undefined {
    if (this.#pending.length === 0) return undefined;
    const headerEnd = this.#pending.indexOf('\r\n\r\n');
    if (headerEnd < 0) {
      return this.#pending.length > MAX_HEADER_BYTES ? { kind: 'malformed', cseq: undefined } : undefined;
    }
    const [requestLine = '', ...headerLines] = this.#pending.subarray(0, headerEnd).toString('latin1').split('\r\n');
    const headers = parseHeaders(headerLines);
    const line = /^([A-Z_]{1,32}) (\S{1,2048}) RTSP\/1\.0$/.exec(requestLine);
    const bodyBytes = Number(headers?.['content-length'] ?? 0);
    const isSane = Number.isInteger(bodyBytes) && bodyBytes >= 0 && bodyBytes <= MAX_BODY_BYTES;
    if (line === null || headers === undefined || !isSane || !/^\d{1,10}$/.test(headers['cseq'] ?? '')) {
      return { kind: 'malformed', cseq: headers?.['cseq'] };
    }
    const bodyStart = headerEnd + 4;
    if (this.#pending.length < bodyStart + bodyBytes) return undefined;
    const body = this.#pending.subarray(bodyStart, bodyStart + bodyBytes).toString('utf8');
    this.#pending = this.#pending.subarray(bodyStart + bodyBytes);
    return { kind: 'request', request: { method: line[1] ?? '', url: line[2] ?? '', headers, body } };
  }
}

function parseHeaders(lines: readonly string[]): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return undefined;
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  551: 'Option Not Supported',
} as const;

export type RtspStatus = keyof typeof REASONS;

export interface RtspReply {
  readonly status: RtspStatus;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Writes a response (RFC 2326, 7). */
export function encodeReply(cseq: string | undefined, { status, headers = {}, body = '' }: RtspReply): string {
  const lines = [`RTSP/1.0 ${status} ${REASONS[status]}`];
  if (cseq !== undefined && /^\d{1,10}$/.test(cseq)) lines.push(`CSeq: ${cseq}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
