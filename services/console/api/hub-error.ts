import type { Problem } from '@dipper/contract/api/problem';
import { ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';

/** Codes the page gives itself, for what happens before or after an answer of the hub. */
export type PageErrorCode = 'HUB_UNREACHABLE' | 'HUB_TIMEOUT' | 'ANSWER_UNREADABLE';

/** A request that did not end as asked: the hub's own problem, or none could be had. */
export class HubError extends Error {
  readonly code: ErrorCode | PageErrorCode;
  readonly status: number;
  /** Finds the hub's log lines; absent where no answer came. */
  readonly requestId: string | undefined;
  /** When trying again makes sense, by the hub's word. */
  readonly retryAfterSec: number | undefined;
  /** What is wrong where, as far as the hub named it. */
  readonly problems: NonNullable<Problem['problems']>;

  constructor(
    code: ErrorCode | PageErrorCode,
    options: {
      status?: number;
      requestId?: string;
      retryAfterSec?: number;
      problems?: Problem['problems'] | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(code, { cause: options.cause });
    this.name = 'HubError';
    this.code = code;
    this.status = options.status ?? 0;
    this.requestId = options.requestId;
    this.retryAfterSec = options.retryAfterSec;
    this.problems = options.problems ?? [];
  }
}

/** Whether an error is the hub's or the page's refusal with this code. */
export function isHubError(error: unknown, code?: HubError['code']): error is HubError {
  return error instanceof HubError && (code === undefined || error.code === code);
}

/** Whether a string is a code of the contract. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** Reads a refusal. What is no problem document of ours (a proxy's page) becomes ANSWER_UNREADABLE. */
export async function hubErrorFrom(answer: Response): Promise<HubError> {
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
  const common = { status: answer.status, ...(Number.isFinite(retryAfter) ? { retryAfterSec: retryAfter } : {}) };
  try {
    const { code, requestId, problems } = (await answer.json()) as Partial<Problem>;
    if (isErrorCode(code))
      return new HubError(code, { ...common, problems, ...(requestId === undefined ? {} : { requestId }) });
    return new HubError('ANSWER_UNREADABLE', common);
  } catch (cause) {
    return new HubError('ANSWER_UNREADABLE', { ...common, cause });
  }
}
