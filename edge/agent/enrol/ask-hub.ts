import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { Enrolment, type EnrolmentRequest } from '@dipper/contract/api/enrolment';
import { createValidator } from '@dipper/contract/validation';
import { EnrolError } from './enrol-error.ts';

const PATIENCE_MS = 15_000;
/** An enrolment is two kilobytes; whoever answers more is no hub. */
const MAX_ANSWER_BYTES = 256 * 1024;

const Answer = createValidator(Enrolment);

export interface HubAddress {
  /** Origin, `https://…` or `http://…`. */
  readonly url: string;
  /** PEM of the authority that vouches for the hub; those that Node knows when absent. */
  readonly ca?: string;
}

/**
 * Exchanges a code for the login of an agent.
 * @throws EnrolError HUB_UNREACHABLE, HUB_ANSWER_INVALID, or the code with which the hub refused
 */
export async function askHub(hub: HubAddress, asked: EnrolmentRequest, signal: AbortSignal): Promise<Enrolment> {
  const { status, text } = await post(hub, JSON.stringify(asked), signal);
  const body = readJson(text);
  if (status === 200 && Answer.is(body)) return body;
  const { code, detail, title } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (status !== 200 && typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(code)) {
    const [what] = [detail, title].filter((each) => typeof each === 'string');
    throw new EnrolError(code, what ?? `The hub refused with status ${status}.`);
  }
  throw new EnrolError(
    'HUB_ANSWER_INVALID',
    `${hub.url} answers with status ${status}, and not as a hub of this version does. Check --hub; a proxy in front has to pass /api on.`,
  );
}

function post({ url, ca }: HubAddress, body: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const address = new URL('/api/v1/enrolments', url);
  const request = address.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { code?: string }): void => {
      const why = cause.code ?? cause.message;
      if (signal.aborted) reject(signal.reason);
      else
        reject(new EnrolError('HUB_UNREACHABLE', `Cannot reach the hub at ${url}: ${why}.${hintFor(why)}`, { cause }));
    };
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const sent = request(
      address,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.any([signal, patience]),
        ...(ca !== undefined && { ca }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) answer.destroy(new Error('the answer does not end'));
          else chunks.push(chunk);
        });
        answer.on('error', fail);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', (error) => fail(patience.aborted ? new Error(`no answer within ${PATIENCE_MS / 1000} s`) : error));
    sent.end(body);
  });
}

/** Errors of certificates as OpenSSL names them. */
function hintFor(why: string): string {
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(why);
  return isCertificate ? ' Name the certificate of its authority with --ca FILE.' : ' Check --hub and the network.';
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
