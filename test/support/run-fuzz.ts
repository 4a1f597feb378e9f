import { type ApiClient, createApiClient } from './api-client.ts';
import type { ApiOperation } from './api-document.ts';
import { createChoice, type FuzzRequest, fuzzRequest, type Mood } from './api-fuzz.ts';

export interface FuzzFinding {
  readonly status: number;
  readonly request: FuzzRequest;
  readonly answer: string;
}

export interface FuzzOptions {
  readonly url: string;
  readonly client: ApiClient;
  readonly operations: readonly ApiOperation[];
  readonly known: readonly string[];
  readonly seed: number;
  /** Requests per operation. */
  readonly rounds: number;
}

/** Nobody else's hands: what these end or change is the account that fuzzes, and with it the rest of the run. */
const LEFT_OUT = [/^DELETE \/api\/v1\/sessions(\/current)?$/, /^(POST|DELETE) .*totp/];
const MOODS: readonly Mood[] = ['valid', 'mixed', 'mixed', 'wild'];
const AT_ONCE = 4;

/** Sends what the description of every operation gives rise to. @returns answers that nothing should bring about, and counts by status */
export async function runFuzz({ url, client, operations, known, seed, rounds }: FuzzOptions) {
  const choice = createChoice(seed);
  const requests = operations
    .filter(({ method, path }) => !LEFT_OUT.some((pattern) => pattern.test(`${method} ${path}`)))
    .flatMap((operation) =>
      Array.from({ length: rounds }, (_, round) =>
        fuzzRequest(operation, MOODS[round % MOODS.length] ?? 'mixed', choice, known),
      ),
    );
  const findings: FuzzFinding[] = [];
  const counts: Record<number, number> = {};
  const { token } = createApiClient(url, client.token);
  const send = async (request: FuzzRequest): Promise<void> => {
    const answer = await fetch(`${url}${request.path}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
      },
      ...(request.body === undefined || request.method === 'GET' ? {} : { body: request.body }),
      redirect: 'manual',
    });
    const text = await answer.text();
    counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    if (isFinding(answer.status, text)) findings.push({ status: answer.status, request, answer: text.slice(0, 500) });
  };
  const queue = [...requests];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let request = queue.shift(); request !== undefined; request = queue.shift()) await send(request);
    }),
  );
  return { findings, counts, sent: requests.length };
}

/** No edge runs beside the test, so to be told that one is offline is right; every other 5xx is a fault of the hub. */
function isFinding(status: number, answer: string): boolean {
  return status >= 500 && !answer.includes('"AGENT_OFFLINE"');
}
