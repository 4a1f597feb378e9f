import { DipperError, type ErrorCode, isDipperError } from '@dipper/contract/errors';
import type { EdgeRefusal } from '../../commands/command-sender.ts';

/**
 * A refusal as it is answered. What an edge says in words of its own, about its conversation with a device, is no code of
 * the contract: it becomes `instead`, and stays in the detail.
 */
export function namedRefusal(error: unknown, instead: ErrorCode): unknown {
  const { edgeCode } = refusalIn(error);
  const isForeign = isDipperError(error) && error.code === 'COMMAND_UNSUPPORTED' && edgeCode !== 'COMMAND_UNSUPPORTED';
  if (!isForeign || edgeCode === null) return error;
  return new DipperError(instead, { cause: error, detail: error.detail });
}

/** What is put on record of a command that failed: the cause as the edge named it, and the gate as it was seen. */
export function failureOf(error: unknown): { readonly code: string; readonly door: EdgeRefusal['door'] | null } {
  const { edgeCode, door } = refusalIn(error);
  return { code: edgeCode ?? (isDipperError(error) ? error.code : 'INTERNAL'), door: door ?? null };
}

function refusalIn(error: unknown): EdgeRefusal {
  const detail = isDipperError(error) ? (error.detail as Partial<EdgeRefusal> | undefined) : undefined;
  return { edgeCode: detail?.edgeCode ?? null, ...(detail?.door !== undefined && { door: detail.door }) };
}
