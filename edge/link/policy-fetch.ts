import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { POLICY_FETCH_SCHEME, policyFetchMac } from '@dipper/contract/credential-hmac';
import { DipperError, type ErrorCode } from '@dipper/contract/errors';
import type { PolicyClaims } from '@dipper/contract/policy';

const PATIENCE_MS = 15_000;
/** Two hundred thousand holders; whoever answers more is no hub. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;
/** What a hub says when it refuses. */
const REFUSALS: readonly ErrorCode[] = ['POLICY_KEY_WRONG', 'POLICY_SUPERSEDED'];

export interface PolicyFetchOptions {
  readonly claims: PolicyClaims;
  /** 32 bytes. */
  readonly credentialKey: Uint8Array;
  /** Origin at which this edge reaches the hub, where that is another than the hub says. */
  readonly hubUrl?: string;
  /** PEM of the authority that vouches for the hub; those that Node knows when absent. */
  readonly ca?: string;
  readonly signal: AbortSignal;
}

/**
 * Fetches the body that an announcement tells of; that it is the one is for the caller to see.
 * @throws DipperError POLICY_UNREACHABLE, POLICY_KEY_WRONG, POLICY_SUPERSEDED; AbortError
 */
export async function fetchPolicyBody(options: PolicyFetchOptions): Promise<string> {
  const { claims, credentialKey, hubUrl, ca, signal } = options;
  const told = new URL(claims.bodyUrl);
  const address = hubUrl === undefined ? told : new URL(`${told.pathname}${told.search}`, hubUrl);
  const mac = policyFetchMac(credentialKey, claims);
  const authorization = `${POLICY_FETCH_SCHEME} ${claims.version}:${claims.sha256}:${mac}`;
  const { status, text } = await get(address, { authorization, ca, signal });
  if (status === 200) return text;
  const code = REFUSALS.find((each) => text.includes(`"${each}"`));
  if (code !== undefined) throw new DipperError(code);
  throw new DipperError('POLICY_UNREACHABLE', { message: `${address.origin} answers with status ${status}.` });
}

interface GetOptions {
  readonly authorization: string;
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
}

function get(address: URL, { authorization, ca, signal }: GetOptions): Promise<{ status: number; text: string }> {
  const request = address.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const fail = (cause: Error & { code?: string }): void => {
      if (signal.aborted) reject(signal.reason);
      else {
        const why = patience.aborted ? `no answer within ${PATIENCE_MS / 1000} s` : (cause.code ?? cause.message);
        const message = `The hub cannot be reached at ${address.origin}: ${why}.`;
        reject(new DipperError('POLICY_UNREACHABLE', { message, cause }));
      }
    };
    const sent = request(
      address,
      {
        headers: { authorization, accept: 'application/json' },
        signal: AbortSignal.any([signal, patience]),
        ...(ca !== undefined && { ca }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) answer.destroy(new Error('the answer does not end'));
          else chunks.push(chunk);
        });
        answer.on('error', fail);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', fail);
    sent.end();
  });
}
