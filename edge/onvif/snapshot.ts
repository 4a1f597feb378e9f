import {
  OnvifAbortedError,
  OnvifRedirectedError,
  OnvifReplyInvalidError,
  OnvifTimeoutError,
  printable,
} from './errors.ts';
import { answerChallenge, type Credentials, digestOf } from './http-challenge.ts';
import { exchange } from './http-exchange.ts';

/** A JPEG of 4K at the best quality takes some 4 MB. */
const MAX_PICTURE_BYTES = 8 * 1024 * 1024;

export interface SnapshotOptions {
  /** As `snapshotUri` gave it. */
  readonly url: string;
  readonly credentials: Credentials | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly caPem?: string | undefined;
}

/** Fetches the still picture of a camera, with HTTP digest where it is asked for. @returns a JPEG. @throws OnvifError */
export async function fetchSnapshot(options: SnapshotOptions): Promise<Buffer> {
  const { credentials, timeoutMs, signal, caPem } = options;
  const url = new URL(options.url);
  const answerDigest = credentials === undefined ? undefined : digestOf(credentials);
  const deadline = AbortSignal.timeout(timeoutMs);
  let authorization: string | undefined;
  try {
    for (let challenged = 0; ; challenged += 1) {
      const reply = await exchange({
        ...{ method: 'GET', url, maxReplyBytes: MAX_PICTURE_BYTES, caPem },
        headers: { accept: 'image/jpeg', ...(authorization === undefined ? {} : { authorization }) },
        signal: AbortSignal.any([signal, deadline]),
      });
      if (reply.status === 401) {
        authorization = answerChallenge({ method: 'GET', url, answerDigest, challenged }, reply);
        continue;
      }
      if (reply.status >= 300 && reply.status < 400) {
        throw new OnvifRedirectedError(`${url.host} redirects to ${printable(reply.location ?? 'nowhere')}.`);
      }
      if (reply.status !== 200) throw new OnvifReplyInvalidError(`There is no snapshot (HTTP ${reply.status}).`);
      // SOI and EOI, JPEG (ITU-T T.81) §B.1.1.3: a picture that was cut short ends without.
      const isWhole = reply.bytes.subarray(0, 2).equals(SOI) && reply.bytes.lastIndexOf(EOI) > 0;
      if (!isWhole) throw new OnvifReplyInvalidError('The snapshot is no whole JPEG.');
      return reply.bytes;
    }
  } catch (error) {
    if (signal.aborted) throw new OnvifAbortedError('The caller gave up.', { cause: error });
    if (!deadline.aborted) throw error;
    throw new OnvifTimeoutError(`${url.host} did not send its snapshot within ${timeoutMs} ms.`, { cause: error });
  }
}

const SOI = Buffer.from([0xff, 0xd8]);
const EOI = Buffer.from([0xff, 0xd9]);
