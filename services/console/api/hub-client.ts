import type { HubClock } from './hub-clock.ts';
import { HubError, hubErrorFrom } from './hub-error.ts';

/** A hub that has not answered by then is treated as gone; a captured picture has to come from the edge first. */
const PATIENCE_MS = 15_000;
/** A phone's photo over a poor connection. */
const UPLOAD_PATIENCE_MS = 120_000;

export interface HubClient {
  /** @throws HubError */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** Sends a change with the session's CSRF token. @throws HubError */
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<T>;
  /** Sends a file as it is. @throws HubError */
  sendFile<T>(path: string, file: Blob): Promise<T>;
  /** Sends a change whose answer is a file. @throws HubError */
  fetchPicture(path: string, body: unknown, signal: AbortSignal): Promise<Blob>;
  /**
   * Asks for a file that may be long on its way: its bytes are the caller's to read, at any pace, until the signal aborts.
   *
   * @throws HubError
   */
  openFile(path: string, signal: AbortSignal): Promise<Response>;
  /** What the session's answer said; sent along with every change from then on. */
  setCsrfToken(token: string | undefined): void;
}

export interface HubClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: HubClock;
  /** ms since 1970 by the page's clock. */
  readonly now: () => number;
  /** The hub does not know the session (any more). */
  readonly onSignedOut: () => void;
}

/** Talks to the hub that served the page. Every failure is a HubError with a stable code. */
export function createHubClient({ fetch, clock, now, onSignedOut }: HubClientOptions): HubClient {
  let csrfToken: string | undefined;

  const request = async (path: string, init: RequestInit, patienceMs?: number): Promise<Response> => {
    const sentAtMs = now();
    let answer: Response;
    try {
      const deadline = patienceMs === undefined ? undefined : AbortSignal.timeout(patienceMs);
      const signals = [init.signal, deadline].filter((each) => each != null);
      const signal = AbortSignal.any(signals);
      answer = await fetch(path, { ...init, signal, credentials: 'same-origin', cache: 'no-store' });
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause;
      const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
      throw new HubError(timedOut ? 'HUB_TIMEOUT' : 'HUB_UNREACHABLE', { cause });
    }
    clock.observe(answer.headers.get('date'), sentAtMs, now());
    if (answer.ok) return answer;
    const error = await hubErrorFrom(answer);
    if (error.code === 'NOT_SIGNED_IN') onSignedOut();
    throw error;
  };
  const change = (method: string, body: unknown): RequestInit => ({
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

  return {
    get: async <T>(path: string, signal?: AbortSignal) =>
      readJson<T>(await request(path, signal === undefined ? {} : { signal }, PATIENCE_MS)),
    send: async <T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal) =>
      readJson<T>(
        await request(path, { ...change(method, body), ...(signal === undefined ? {} : { signal }) }, PATIENCE_MS),
      ),
    async sendFile<T>(path: string, file: Blob) {
      const headers = { 'content-type': file.type, ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }) };
      return readJson<T>(await request(path, { method: 'POST', headers, body: file }, UPLOAD_PATIENCE_MS));
    },
    async fetchPicture(path, body, signal) {
      const answer = await request(path, { ...change('POST', body), signal }, PATIENCE_MS);
      try {
        return await answer.blob();
      } catch (cause) {
        throw new HubError('HUB_UNREACHABLE', { cause });
      }
    },
    openFile: (path, signal) => request(path, { signal }),
    setCsrfToken(token) {
      csrfToken = token;
    },
  };
}

async function readJson<T>(answer: Response): Promise<T> {
  if (answer.status === 204) return undefined as T;
  try {
    return (await answer.json()) as T;
  } catch (cause) {
    throw new HubError('ANSWER_UNREADABLE', { status: answer.status, cause });
  }
}
