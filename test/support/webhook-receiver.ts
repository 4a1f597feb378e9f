import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedHook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: { readonly type?: string; readonly data?: Record<string, unknown> } & Record<string, unknown>;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly ReceivedHook[];
  /** How long it takes to answer. */
  delayMs: number;
  /** What it answers from now on. */
  answer(status: number, body?: string, headers?: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

/** Another system that is told by HTTP, on this machine. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedHook[] = [];
  let next: { status: number; body: string; headers: Readonly<Record<string, string>> } = {
    status: 204,
    body: '',
    headers: {},
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ path: request.url ?? '', headers: request.headers, body, json: JSON.parse(body) });
      const { status, headers, body: text } = next;
      setTimeout(() => response.writeHead(status, headers).end(text), receiver.delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    delayMs: 0,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (status, body = '', headers = {}) => {
      next = { status, body, headers };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** Verifies as a receiver does, written from the text of Standard Webhooks 1.0.0 and not from the hub's code. */
export function isSignedWith({ headers, body }: ReceivedHook, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = createHmac('sha256', key)
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
    .digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((each) => {
      const [version, signature = ''] = each.split(',');
      const bytes = Buffer.from(signature, 'base64');
      return version === 'v1' && bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
    });
}
